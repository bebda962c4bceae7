package org.heliograph.peer.srtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A table against the JDK's map. */
class SsrcTableTest {
  private static final int LIMIT = 50;

  @Test
  void itHoldsWhatAMapHolds() {
    Random random = new Random(1);
    SsrcTable<String> table = new SsrcTable<>(LIMIT);
    Map<Integer, String> map = new TreeMap<>();
    for (int i = 0; i < 20_000; i++) {
      int ssrc = (random.nextInt(80) - 40) * 0x0333_3333;
      if (random.nextInt(3) == 0) {
        table.remove(ssrc);
        map.remove(ssrc);
      } else if (map.size() < LIMIT || map.containsKey(ssrc)) {
        table.put(ssrc, "value " + i);
        map.put(ssrc, "value " + i);
      }
      assertThat(table.size()).isEqualTo(map.size());
      assertThat(table.get(ssrc)).isEqualTo(map.get(ssrc));
    }
    for (int place = 0; place < table.size(); place++) {
      assertThat(table.valueAt(place)).isEqualTo(map.get(table.ssrcAt(place)));
    }
  }

  @Test
  void itTakesNoMoreThanItsLimit() {
    SsrcTable<String> table = new SsrcTable<>(2);
    table.put(-1, "a");
    table.put(1, "b");
    table.put(1, "c");

    assertThat(table.isFull()).isTrue();
    assertThatThrownBy(() -> table.put(0, "d")).isInstanceOf(IllegalStateException.class);
    assertThat(table.get(0)).isNull();
    assertThat(table.get(1)).isEqualTo("c");
  }
}
