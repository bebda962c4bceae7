/**
 * A WebRTC PeerConnection in the open, without sockets, threads or clocks in its protocol classes.
 */
module org.heliograph.peer {
  requires org.bouncycastle.pkix;
  requires org.bouncycastle.provider;
  requires org.bouncycastle.tls;
  requires org.bouncycastle.util;

  exports org.heliograph.peer;
  exports org.heliograph.peer.media;
  exports org.heliograph.peer.pcap;
  exports org.heliograph.peer.stats;
}
