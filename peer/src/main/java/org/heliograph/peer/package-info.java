/**
 * The W3C/JSEP surface: {@code PeerConnection} and what it takes and gives, and the driver that
 * gives it sockets and a clock.
 */
package org.heliograph.peer;
