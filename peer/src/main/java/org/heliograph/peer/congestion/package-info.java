/**
 * How much to send: what the other side reports of the packets of a transport, and the bandwidth
 * that is estimated from it.
 */
package org.heliograph.peer.congestion;
