/** Live WebM muxing. */
module org.heliograph.webm {}
