/**
 * The objects of {@link org.heliograph.peer.PeerConnection#getStats}: one record for each type of
 * W3C webrtc-stats that applies here, with that document's names and units. A member that is not
 * known is null.
 */
package org.heliograph.peer.stats;
