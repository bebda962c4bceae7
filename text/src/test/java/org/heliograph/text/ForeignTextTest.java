package org.heliograph.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ForeignTextTest {
  /** One of each that a terminal, a log or a reader is misled by. */
  @ParameterizedTest
  @ValueSource(
      ints = {
        0x00, 0x07, 0x1B, 0x7F, 0x85, 0x9B, 0xAD, 0x061C, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F,
        0x2028, 0x2029, 0x202A, 0x202E, 0x2060, 0x2066, 0x2069, 0xFEFF, 0xD800, 0xDC00, 0xE0041
      })
  void whatMisleadsIsNoPartOfANameAndOfNoLine(int character) {
    String text = "ann" + Character.toString(character) + "bob";
    assertThat(ForeignText.isName(text)).isFalse();
    assertThat(ForeignText.line(text)).matches("ann[ \uFFFD]bob");
    assertThat(ForeignText.lines(text)).matches("ann[ \uFFFD]bob");
  }

  /** Whatever the character, what comes out has none of the unfit categories. */
  @Test
  void noCharacterOfAnUnfitCategoryGetsThrough() {
    for (int character = 0; character <= Character.MAX_CODE_POINT; character++) {
      String shown = ForeignText.line("a" + Character.toString(character) + "b");
      assertThat(shown.codePoints().map(Character::getType))
          .as("U+%04X", character)
          .doesNotContain(
              (int) Character.CONTROL,
              (int) Character.FORMAT,
              (int) Character.LINE_SEPARATOR,
              (int) Character.PARAGRAPH_SEPARATOR,
              (int) Character.SURROGATE);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Ann",
        "Zoë Müller-Łukasz",
        "李小龙",
        "Ἀθηνᾶ",
        "👩\u200D💻", // woman, joiner, computer
        "👩🏽\u200D🚀", // with a skin tone
        "Ann ❤\uFE0F\u200D🔥",
        "👨\u200D👩\u200D👧",
        "می\u200Cخواهم", // Persian: the non-joiner is spelling
        "क्\u200Dष" // Devanagari: asks for the half form
      })
  void namesOfPeopleAreKeptAsTheyAreWritten(String name) {
    assertThat(ForeignText.isName(name)).isTrue();
    assertThat(ForeignText.line(name)).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "a\u200Dnn", // would look like "ann"
        "Ан\u200Cна",
        "\u200D👩",
        "👩\u200D",
        "👩\u200D\u200D💻",
        "می\u200Cann",
        "1\u200D2"
      })
  void joinersThatNothingShowsAreRefused(String name) {
    assertThat(ForeignText.isName(name)).isFalse();
  }

  @Test
  void aNameIsAsLongAsItMayBe() {
    assertThat(ForeignText.isName("x".repeat(128))).isTrue();
    assertThat(ForeignText.isName("x".repeat(129))).isFalse();
  }

  @Test
  void aLongTextLosesItsEndAndNoHalfOfACharacter() {
    assertThat(ForeignText.line("x".repeat(1000), 10)).isEqualTo("x".repeat(10) + "…");
    assertThat(ForeignText.line("x".repeat(9) + "👩👩", 10)).isEqualTo("x".repeat(9) + "…");
  }

  @Test
  void linesKeepTheirFeedsAndTabs() {
    assertThat(ForeignText.lines("one\n\ttwo\r\n\u001b[31mthree"))
        .isEqualTo("one\n\ttwo \n [31mthree");
    assertThat(ForeignText.line("one\n\ttwo")).isEqualTo("one  two");
  }
}
