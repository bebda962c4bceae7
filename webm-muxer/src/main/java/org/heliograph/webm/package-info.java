/**
 * WebM: live ({@link org.heliograph.webm.WebmMuxer}), ready for a page's {@code
 * SourceBuffer.appendBuffer} or for {@code <video src>}, and as a file that can be sought in
 * ({@link org.heliograph.webm.WebmFile}).
 *
 * <pre>{@code
 * var muxer = new WebmMuxer(WebmOptions.live(), WebmSink.to(outputStream));
 * muxer.begin(List.of(VideoTrack.of(1, VideoCodec.VP8, firstKeyFrame), AudioTrack.opus(2, 2)));
 * muxer.write(1, videoNanos, true, firstKeyFrame);
 * muxer.write(2, audioNanos, true, opusPacket);
 * muxer.write(1, nextVideoNanos, false, nextFrame);
 * }</pre>
 *
 * <pre>{@code
 * try (var file = new WebmFile(channel, WebmFileOptions.defaults())) {
 *   file.addTrack(VideoTrack.of(1, VideoCodec.VP8, firstKeyFrame), "Camera");
 *   file.write(1, videoNanos, true, firstKeyFrame);
 * }
 * }</pre>
 *
 * <p>The output follows RFC 8794 (EBML), RFC 9559 (Matroska), the WebM container guidelines, and
 * the Matroska mappings of Opus and AV1. What it needs of the encoded frames is read by {@link
 * org.heliograph.webm.Vp8FrameHeader}, {@link org.heliograph.webm.Vp9KeyFrameHeader} and {@link
 * org.heliograph.webm.Av1SequenceHeader}, which can be used by themselves.
 */
package org.heliograph.webm;
