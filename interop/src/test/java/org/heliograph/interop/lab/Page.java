package org.heliograph.interop.lab;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;

/** A page in a browser or a webview that a test drives. */
public interface Page extends AutoCloseable {
  /**
   * Runs the body of an async JavaScript function in the page and gives what it returns. Fails the
   * test when it throws.
   */
  JsonNode evaluate(String body);

  /** Goes to another address, and returns when it has loaded. */
  void open(String url);

  /**
   * Waits until a JavaScript expression is true, and gives its value; fails the test, with what the
   * page shows, otherwise.
   */
  default JsonNode await(String expression, Duration limit) {
    JsonNode value =
        evaluate(
            """
            const end = performance.now() + %d;
            let last = null;
            for (;;) {
              try { const value = await (%s); if (value) return { value }; last = value; } catch (e) { last = String(e); }
              if (performance.now() > end) return { last: String(last), text: document.body?.innerText };
              await new Promise(done => setTimeout(done, 30));
            }
            """
                .formatted(limit.toMillis(), expression));
    if (!value.has("value")) {
      throw new AssertionError(
          "not true within %d s: %s\nit was: %s\nthe page says: %s"
              .formatted(
                  limit.toSeconds(),
                  expression,
                  value.path("last").asText(),
                  value.path("text").asText()));
    }
    return value.get("value");
  }

  /** Clicks the element that a CSS selector finds, as a script does: no user gesture. */
  default void click(String selector) {
    evaluate("document.querySelector(%s).click()".formatted(quote(selector)));
  }

  /** A text as a JavaScript string. */
  static String quote(String text) {
    return com.fasterxml.jackson.databind.node.TextNode.valueOf(text).toString();
  }

  @Override
  void close();
}
