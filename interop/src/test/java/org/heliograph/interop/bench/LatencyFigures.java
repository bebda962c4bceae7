package org.heliograph.interop.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What a page showed and played in a span of time, in milliseconds; no figure is NaN but where
 * there was nothing to measure.
 *
 * @param agentToPicture from the message with a picture to its pixels
 * @param cameraToPicture from the remote's camera to the pixels
 * @param agentToSound from the message with a sound to the loudspeaker
 * @param microphoneToSound from the remote's microphone to the loudspeaker
 * @param soundBehindPicture how much later the sound comes than the picture of its time
 * @param growth how much later pictures came in the last third than in the first
 * @param shownPercent of the pictures that came to the agent
 * @param longestStandstill the longest time between two pictures
 */
record LatencyFigures(
    Spread agentToPicture,
    Spread cameraToPicture,
    Spread agentToSound,
    Spread microphoneToSound,
    Spread soundBehindPicture,
    double growth,
    double shownPercent,
    double longestStandstill) {

  /** The middle and the 95th percentile of some figures. */
  record Spread(double median, double high) {
    static Spread of(List<Double> figures) {
      double[] sorted = figures.stream().mapToDouble(Double::doubleValue).sorted().toArray();
      if (sorted.length == 0) {
        return new Spread(Double.NaN, Double.NaN);
      }
      return new Spread(sorted[sorted.length / 2], sorted[sorted.length * 95 / 100]);
    }

    @Override
    public String toString() {
      return Double.isNaN(median) ? "–" : "%.0f / %.0f".formatted(median, high);
    }
  }

  /**
   * A picture as a page saw it.
   *
   * @param code of the picture: when it was taken
   * @param nanos when the page had it
   */
  record Seen(int code, long nanos) {
    /** How old it was, in milliseconds. */
    double age() {
      return Math.floorMod(Film.code(nanos) - code, Film.CODE_MODULUS);
    }
  }

  /**
   * Compares what was seen and heard with what came to the agent.
   *
   * @param from only what was seen and heard from then on is looked at
   * @param to and before then
   * @param seen in the order of time
   */
  static LatencyFigures of(
      long from,
      long to,
      List<Seen> seen,
      Map<Integer, Long> pictures,
      Map<Long, Long> heard,
      Map<Long, Long> beeps) {
    List<Double> agentToPicture = new ArrayList<>();
    List<Double> cameraToPicture = new ArrayList<>();
    double standstill = 0;
    Seen before = null;
    for (Seen picture : seen) {
      if (picture.nanos() < from || picture.nanos() >= to) {
        continue;
      }
      cameraToPicture.add(picture.age());
      Long came = pictures.get(picture.code());
      if (came != null) {
        agentToPicture.add((picture.nanos() - came) / 1e6);
      }
      if (before != null) {
        standstill = Math.max(standstill, (picture.nanos() - before.nanos()) / 1e6);
      }
      before = picture;
    }
    List<Double> agentToSound = new ArrayList<>();
    List<Double> microphoneToSound = new ArrayList<>();
    List<Double> behind = new ArrayList<>();
    heard.forEach(
        (begun, nanos) -> {
          if (nanos < from || nanos >= to) {
            return;
          }
          double age = (nanos - begun) / 1e6;
          microphoneToSound.add(age);
          Long came = beeps.get(begun);
          if (came != null) {
            agentToSound.add((nanos - came) / 1e6);
          }
          ageNear(seen, nanos).ifPresent(pictureAge -> behind.add(age - pictureAge));
        });
    long came = pictures.values().stream().filter(nanos -> nanos >= from && nanos < to).count();
    return new LatencyFigures(
        Spread.of(agentToPicture),
        Spread.of(cameraToPicture),
        Spread.of(agentToSound),
        Spread.of(microphoneToSound),
        Spread.of(behind),
        growth(cameraToPicture),
        came == 0 ? Double.NaN : 100.0 * cameraToPicture.size() / came,
        standstill);
  }

  /** How old the pictures were that the page showed around an instant. */
  private static OptionalDouble ageNear(List<Seen> seen, long nanos) {
    double[] ages =
        seen.stream()
            .filter(picture -> Math.abs(picture.nanos() - nanos) < 250_000_000)
            .mapToDouble(Seen::age)
            .sorted()
            .toArray();
    return ages.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(ages[ages.length / 2]);
  }

  private static double growth(List<Double> figures) {
    int third = figures.size() / 3;
    if (third == 0) {
      return Double.NaN;
    }
    return median(figures.subList(figures.size() - third, figures.size()))
        - median(figures.subList(0, third));
  }

  private static double median(List<Double> figures) {
    double[] sorted = figures.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
