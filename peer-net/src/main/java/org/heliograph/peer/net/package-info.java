/**
 * What gives a {@code PeerConnection} its sockets, its thread and its clock: UDP, TCP and TLS, the
 * machine's addresses, and names.
 */
package org.heliograph.peer.net;
