/**
 * The media of one BUNDLE transport (RFC 3550, 9143): what both directions share. Not exported: the
 * module's users see frames ({@link org.heliograph.peer.media.MediaFrame}) and a {@code
 * PeerConnection}.
 *
 * <p>{@link org.heliograph.peer.stream.RtpSession} is the way in: it is driven with unprotected
 * packets and instants. It finds a packet's {@link
 * org.heliograph.peer.stream.receive.ReceiveStream} (by SSRC, MID or payload type), which reorders,
 * asks for what is missing and assembles; and it gives each {@link
 * org.heliograph.peer.stream.send.SendStream}'s packets their numbers of the transport. What comes
 * out goes to its {@link org.heliograph.peer.stream.RtpSessionListener}.
 */
package org.heliograph.peer.stream;
