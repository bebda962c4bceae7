package org.heliograph.interop.peer;

import java.util.Arrays;
import java.util.stream.Stream;
import org.heliograph.interop.peer.Call.Offerer;

/** A cell of the matrix: one call, by content. */
record Cell(RemoteStack stack, Offerer offerer, Scenario scenario) {
  /** All cells, those of one stack after another, with those that are not played. */
  static Stream<Cell> all() {
    return Arrays.stream(RemoteStack.values())
        .flatMap(
            stack ->
                Arrays.stream(Scenario.values())
                    .flatMap(
                        scenario ->
                            Arrays.stream(Offerer.values())
                                .map(offerer -> new Cell(stack, offerer, scenario))));
  }

  /** Why it is not played; empty where it is. */
  String whyLeftOut() {
    return stack.whyLeftOut(scenario, offerer);
  }

  /** What the other side does at first. */
  String role() {
    return offerer == Offerer.REMOTE ? "offers" : "answers";
  }

  @Override
  public String toString() {
    return stack + " " + role() + ", " + scenario;
  }
}
