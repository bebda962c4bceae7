package org.heliograph.agent.call;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.net.PeerDriver;
import org.heliograph.peer.pcap.PcapFile;
import org.heliograph.session.PeerSession;
import org.heliograph.text.Cause;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sessions on real connections, each of which can write its packets to a file. */
public final class PeerSessions {
  private static final Logger log = LoggerFactory.getLogger(PeerSessions.class);
  private static final DateTimeFormatter FILE_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss").withZone(ZoneOffset.UTC);
  private static final AtomicLong FILE_NUMBER = new AtomicLong();

  private PeerSessions() {}

  /**
   * Makes sessions with one person.
   *
   * @param configuration asked for each one, because credentials in it may end; it is told whether
   *     the other side may be on this machine
   * @param packetDirectory where each writes its decrypted packets, if anywhere
   */
  public static Sessions of(
      Function<Boolean, PeerConfiguration> configuration, Optional<Path> packetDirectory) {
    return (onThisMachine, listener) -> {
      PeerSession session =
          PeerSession.open(
              configuration.apply(onThisMachine), PeerSession.Options.ONE_PERSON, listener);
      packetDirectory.flatMap(PeerSessions::createPacketFile).ifPresent(session::writePacketsTo);
      return session;
    };
  }

  /** A call goes on without its file. */
  private static Optional<PcapFile> createPacketFile(Path directory) {
    Instant now = Instant.now();
    String name =
        "call-%sZ-%d-%d.pcap"
            .formatted(
                FILE_TIME.format(now),
                ProcessHandle.current().pid(),
                FILE_NUMBER.incrementAndGet());
    try {
      Files.createDirectories(directory);
      PcapFile file =
          PcapFile.create(
              directory.resolve(name), PcapFile.DEFAULT_MAX_BYTES, PeerDriver.nanoTime(), now);
      log.warn("What is said and shown in this call is written, decrypted, to {}", file.path());
      return Optional.of(file);
    } catch (IOException failure) {
      log.warn(
          "The packets of a call cannot be written to {} (calls.packet_directory): {}",
          directory,
          Cause.words(failure));
      return Optional.empty();
    }
  }
}
