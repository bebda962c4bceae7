/** Sockets, threads and clocks for {@code org.heliograph.peer}, which has none. */
module org.heliograph.peer.net {
  requires transitive org.heliograph.peer;

  exports org.heliograph.peer.net;
}
