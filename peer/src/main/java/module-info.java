/**
 * A WebRTC PeerConnection in the open, without sockets, threads or clocks: {@code
 * org.heliograph.peer.net} has these.
 */
@SuppressWarnings("module") // What is exported to peer-net alone is compiled before that.
module org.heliograph.peer {
  requires org.bouncycastle.pkix;
  requires org.bouncycastle.provider;
  requires org.bouncycastle.tls;
  requires org.bouncycastle.util;

  exports org.heliograph.peer;
  exports org.heliograph.peer.log to
      org.heliograph.peer.net;
  exports org.heliograph.peer.media;
  exports org.heliograph.peer.pcap;
  exports org.heliograph.peer.stats;
}
