/**
 * What turns frames into RTP packets and packets into frames. Not exported: the module's users see
 * frames ({@link org.heliograph.peer.media.MediaFrame}) and a {@code PeerConnection}.
 *
 * <p>{@link org.heliograph.peer.stream.RtpSession} is the way in: it stands for the media of one
 * BUNDLE transport and is driven with unprotected packets and instants. It finds a packet's {@link
 * org.heliograph.peer.stream.ReceiveStream} (by SSRC, MID or payload type), which reorders, asks
 * for what is missing and assembles; and it gives each {@link
 * org.heliograph.peer.stream.SendStream}'s packets their numbers of the transport. What comes out
 * goes to its {@link org.heliograph.peer.stream.RtpSessionListener}.
 */
package org.heliograph.peer.stream;
