/**
 * Interactive Connectivity Establishment (RFC 8445) with trickled candidates (RFC 8838) and consent
 * freshness (RFC 7675), and the STUN (RFC 8489) that it is made of.
 *
 * <p>{@link org.heliograph.peer.ice.IceAgent} finds the path; it owns no socket, no thread and no
 * clock. {@link org.heliograph.peer.ice.Candidate} and {@link
 * org.heliograph.peer.ice.IceCredentials} are what the signalling carries; {@link
 * org.heliograph.peer.ice.StunMessage} and {@link org.heliograph.peer.ice.StunWriter} read and
 * write the packets.
 *
 * <p>One component and one check list only: media is bundled on one transport (RFC 9143) and RTCP
 * shares it (RFC 8858).
 */
package org.heliograph.peer.ice;
