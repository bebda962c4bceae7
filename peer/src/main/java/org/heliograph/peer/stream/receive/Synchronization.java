package org.heliograph.peer.stream.receive;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What a received stream is in time with. Those that share a CNAME have one reference clock (RFC
 * 7022, RFC 3550 6.4.1), those that share a media stream are meant to be played in time (RFC 8830
 * 2); both are one synchronisation group. What an application says goes before both.
 *
 * @param group the group as the application names it; empty to go by the names of the sender
 * @param cname the canonical name of the stream's source in the session description, if it has one;
 *     else that of its RTCP counts (RFC 3550 6.5.1)
 * @param streams the media streams that the track belongs to
 */
public record Synchronization(
    Optional<String> group, Optional<String> cname, List<String> streams) {
  /** Nothing is known; such streams are in time with each other. */
  public static final Synchronization UNKNOWN =
      new Synchronization(Optional.empty(), Optional.empty(), List.of());

  public Synchronization {
    Objects.requireNonNull(group, "group");
    Objects.requireNonNull(cname, "cname");
    streams = List.copyOf(streams);
  }

  /**
   * Names of which one is enough to be in time with another that has it too; at least one.
   *
   * @param reportedCname the canonical name that RTCP tells
   */
  Set<String> names(Optional<String> reportedCname) {
    if (group.isPresent()) {
      return Set.of("group " + group.get());
    }
    Set<String> names = new HashSet<>();
    streams.forEach(stream -> names.add("stream " + stream));
    cname.or(() -> reportedCname).ifPresent(name -> names.add("cname " + name));
    return names.isEmpty() ? Set.of("") : names;
  }
}
