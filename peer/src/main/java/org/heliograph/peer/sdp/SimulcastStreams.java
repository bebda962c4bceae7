package org.heliograph.peer.sdp;

import java.util.ArrayList;
import java.util.List;

/**
 * The simulcast streams that a section sends or receives (RFC 8853 5.1).
 *
 * @param rids the streams' names, in the section's order of preference; of alternatives the first
 */
public record SimulcastStreams(List<String> rids) {
  private static final String PAUSED = "~";

  public SimulcastStreams {
    rids = List.copyOf(rids);
  }

  /**
   * Reads what a section says of one direction. Left out are streams that are paused, and such as
   * have no {@code a=rid} line of that direction (RFC 8853 5.2).
   *
   * @param direction {@code send} or {@code recv}
   * @return no streams if it says nothing, or what cannot be understood
   */
  public static SimulcastStreams read(MediaDescription section, String direction) {
    List<String> described =
        section.all(Attribute.Rid.class).stream()
            .filter(rid -> rid.direction().equals(direction))
            .map(Attribute.Rid::id)
            .toList();
    List<String> rids = new ArrayList<>();
    section
        .first(Attribute.Simulcast.class)
        .ifPresent(
            simulcast -> {
              String[] words = simulcast.value().strip().split(" +", -1);
              for (int i = 0; i + 1 < words.length; i += 2) {
                if (words[i].equals(direction)) {
                  rids.addAll(firstAlternatives(words[i + 1]));
                }
              }
            });
    rids.removeIf(rid -> rid.startsWith(PAUSED) || !described.contains(rid));
    return new SimulcastStreams(rids.stream().distinct().toList());
  }

  private static List<String> firstAlternatives(String list) {
    List<String> first = new ArrayList<>();
    for (String alternatives : list.split(";", -1)) {
      first.add(alternatives.split(",", -1)[0]);
    }
    return first;
  }

  /** The lines that say this. */
  public List<Attribute> attributes(String direction) {
    List<Attribute> lines = new ArrayList<>();
    for (String rid : rids) {
      lines.add(new Attribute.Rid(rid, direction, ""));
    }
    if (!rids.isEmpty()) {
      lines.add(new Attribute.Simulcast(direction + " " + String.join(";", rids)));
    }
    return lines;
  }
}
