/** Encoded frames, as they go into and come out of a {@code PeerConnection}. */
package org.heliograph.peer.media;
