/** Live WebM muxing of VP8, VP9, AV1 and Opus; needs nothing but the JDK. */
module org.heliograph.webm {
  exports org.heliograph.webm;
}
