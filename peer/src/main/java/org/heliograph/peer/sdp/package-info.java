/**
 * Session descriptions as text: {@link org.heliograph.peer.sdp.SdpParser} reads them, {@link
 * org.heliograph.peer.sdp.SdpWriter} writes them, and records hold what they say (RFC 8866 and the
 * attributes that WebRTC uses, RFC 8829 5).
 *
 * <p>Nothing here knows what a description means in an offer/answer exchange; that is {@code
 * org.heliograph.peer.Negotiator}'s.
 */
package org.heliograph.peer.sdp;
