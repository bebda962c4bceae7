package org.heliograph.peer.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

class TlsTrustTest {
  /** A file of which nothing can be read but its name. */
  private static Path unreadable(Error error) {
    return (Path)
        Proxy.newProxyInstance(
            TlsTrustTest.class.getClassLoader(),
            new Class<?>[] {Path.class},
            (_, method, _) ->
                switch (method.getName()) {
                  case "hashCode" -> 1;
                  case "equals" -> false; // of another
                  case "toString" -> "unreadable.pem";
                  default -> throw error;
                });
  }

  /** Who waits for the authorities waits without end otherwise, in each later call too. */
  @Test
  void anErrorWhileTheAuthoritiesAreReadIsToldAndTheyAreReadAgain() {
    Optional<Path> file = Optional.of(unreadable(new OutOfMemoryError("by the test")));
    CompletableFuture<SSLContext> context = TlsTrust.context(file);
    assertThatThrownBy(() -> context.get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(IOException.class)
        .hasMessageContaining("by the test");
    CompletableFuture<SSLContext> _ = TlsTrust.context(file); // takes the failed one out
    assertThat(TlsTrust.context(file)).isNotSameAs(context);
  }
}
