/** The W3C/JSEP surface: {@code PeerConnection} and what it takes and gives. */
package org.heliograph.peer;
