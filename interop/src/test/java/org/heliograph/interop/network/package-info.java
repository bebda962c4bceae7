/**
 * Real networks in network namespaces: NATs of every kind, no UDP, only IPv6, and networks that
 * change under a call. {@link org.heliograph.interop.network.NetworkLab} makes them; nothing of
 * them is left when its program has ended, however that happened.
 */
package org.heliograph.interop.network;
