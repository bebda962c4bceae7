/** Encoded frames, and what turns them into RTP packets and back. */
package org.heliograph.peer.media;
