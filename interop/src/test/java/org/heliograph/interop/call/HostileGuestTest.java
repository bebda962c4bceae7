package org.heliograph.interop.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Stream;
import org.heliograph.agent.config.ConfigKey;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerListener;
import org.heliograph.peer.RawTransport;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.net.PeerDriver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a guest can do who was invited and let into a call: harm to nobody but himself. Each test is
 * something that he does behind a valid transform, or in envelopes; beside it another guest's call
 * goes on, of which a page sees every frame.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileGuestTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** So much may be logged on account of one guest's attack, however long it goes on. */
  private static final int LINES = 40;

  private static final int TESTS = 40;

  private Path folder;
  private HttpClient http;
  private AgentInProcess agent;
  private AgentInProcess.Page page;
  private RendezvousGuest good;
  private NumberedCall call;
  private RendezvousGuest bad;
  private final Log log = new Log();
  private int tests;
  private int calls;

  /** Every line that the agent logs. */
  private static final class Log extends Handler {
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final SimpleFormatter formatter = new SimpleFormatter();

    @Override
    public void publish(LogRecord line) {
      lines.add(formatter.formatMessage(line));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    folder = directory;
    Logger.getLogger("org.heliograph").addHandler(log);
    Logger.getLogger("org.heliograph").setLevel(Level.INFO);
    http = HttpClient.newHttpClient();
    agent = new AgentInProcess("host", folder, options());
    page = agent.open(http);
    good = new RendezvousGuest(http, agent, "good");
    call = new NumberedCall(good, page, "the-good-call");
  }

  private static Map<ConfigKey, String> options() {
    return Map.of(
        ConfigKey.SIGNALING_TYPE, "rendezvous",
        ConfigKey.RENDEZVOUS_GUESTS, String.join(",", guests()),
        ConfigKey.MEDIA_CAMERA, "test",
        ConfigKey.MEDIA_MICROPHONE, "test",
        ConfigKey.MEDIA_VIDEO_WIDTH, "64",
        ConfigKey.MEDIA_VIDEO_HEIGHT, "48",
        ConfigKey.MEDIA_VIDEO_FPS, "15",
        ConfigKey.ICE_INCLUDE_LOOPBACK, "true",
        ConfigKey.RECORDING_KEEP_FREE, "0");
  }

  /** Each test has a hostile guest of its own, since each may ring five times a minute only. */
  private static List<String> guests() {
    List<String> guests = new ArrayList<>(List.of("good", "third"));
    for (int i = 1; i <= TESTS; i++) {
      guests.add("bad" + i);
    }
    return guests;
  }

  @AfterAll
  void stop() throws Exception {
    Logger.getLogger("org.heliograph").removeHandler(log);
    call.close();
    good.close();
    page.close();
    agent.close();
    http.close();
  }

  @BeforeEach
  void joins() {
    log.lines.clear();
    tests++;
    bad = new RendezvousGuest(http, agent, "bad" + tests);
  }

  @AfterEach
  void theOtherCallIsUnharmed() throws Exception {
    bad.close();
    call.assertUnharmed();
    assertThat(log.lines).as("what was logged").hasSizeLessThan(LINES);
    assertThat(log.lines)
        .as("what was logged")
        .noneMatch(line -> line.codePoints().anyMatch(HostileGuestTest::isUnseen));
  }

  /** Controls, formats, line and paragraph separators; a stack trace's lines are separate. */
  private static boolean isUnseen(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> false;
    };
  }

  private String newChannel() {
    calls++;
    return "bad-" + calls;
  }

  private RendezvousGuest.Call badCall() throws Exception {
    return bad.call(page, newChannel());
  }

  // ---- The connection's packets ----

  @Test
  void sendsAlertsAndHandshakesToTheOtherCallsPort() throws Exception {
    // Whoever is on this machine may send to any port of it.
    List<byte[]> datagrams =
        List.of(
            octets("15fefd000000000000000000020228"),
            octets("15fefd000000000000000000020200"),
            octets("16fefd0000000000000000002c010000200000000000000020fefd" + "00".repeat(30)),
            octets("17feff0001000000000000000401020304"));
    try (DatagramSocket stranger = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      List<InetSocketAddress> ports = call.portsOfTheAgent();
      assertThat(ports).isNotEmpty();
      for (InetSocketAddress port : ports) {
        for (int i = 0; i < 500; i++) {
          byte[] datagram = datagrams.get(i % datagrams.size());
          stranger.send(new DatagramPacket(datagram, datagram.length, port));
        }
      }
    }
  }

  @Test
  void holdsAndResumesOverAndOver() throws Exception {
    Semaphore pictures = new Semaphore(0);
    PeerListener counting =
        new PeerListener() {
          @Override
          public void onFrame(Transceiver transceiver, MediaFrame frame) {
            if (transceiver.kind() == MediaKind.VIDEO) {
              pictures.release();
            }
          }
        };
    try (RendezvousGuest.Call own = bad.call(page, newChannel(), counting)) {
      for (int i = 0; i < 140; i++) {
        own.setDirection(TransceiverDirection.INACTIVE);
        own.negotiate();
        pictures.drainPermits();
        own.setDirection(TransceiverDirection.SENDRECV);
        own.negotiate();
        assertThat(pictures.tryAcquire(20, TimeUnit.SECONDS)).as("a picture after " + i).isTrue();
      }
    }
  }

  @Test
  void sendsRandomRtcp() throws Exception {
    Random random = new Random(1);
    try (RendezvousGuest.Call own = badCall()) {
      for (int i = 0; i < 5_000; i++) {
        byte[] compound = new byte[4 * (2 + random.nextInt(50))];
        random.nextBytes(compound);
        compound[0] = (byte) (0x80 | random.nextInt(32));
        compound[1] = (byte) (192 + random.nextInt(16));
        ByteBuffer.wrap(compound)
            .putInt(4, random.nextInt(50)); // its own transform has a bound, too
        own.run(connection -> RawTransport.sendRtcp(connection, compound));
      }
      own.negotiate();
    }
  }

  @Test
  void sendsRandomRtpOfManySources() throws Exception {
    Random random = new Random(2);
    try (RendezvousGuest.Call own = badCall()) {
      for (int i = 0; i < 3_000; i++) {
        byte[] packet = new byte[12 + random.nextInt(1_000)];
        random.nextBytes(packet);
        // No padding and no extension, so that the header is whole whatever follows.
        packet[0] = (byte) 0x80;
        ByteBuffer.wrap(packet).putInt(8, 0x7000_0000 + i % 200).putShort(2, (short) (i / 200));
        packet[1] = (byte) (96 + random.nextInt(32));
        own.run(connection -> RawTransport.sendRtp(connection, packet));
      }
      own.negotiate();
    }
  }

  @Test
  void acknowledgesMoreThanWasEverSent() throws Exception {
    try (RendezvousGuest.Call own = badCall()) {
      ByteBuffer feedback = ByteBuffer.allocate(24 + 8);
      for (int i = 0; i < 2_000; i++) {
        // Transport-wide feedback: 7 packets received in one tick of 64 ms, again and again.
        feedback.clear();
        feedback.put((byte) 0x8F).put((byte) 205).putShort((short) 7);
        feedback.putInt(1).putInt(0).putShort((short) (i * 7)).putShort((short) 7);
        feedback.putInt((i << 8) | (i & 0xFF)).putShort((short) 0x2007);
        feedback.put(new byte[10]);
        byte[] compound = feedback.array().clone();
        own.run(connection -> RawTransport.sendRtcp(connection, compound));
      }
      own.negotiate();
    }
  }

  @Test
  void opensChannelsWithLongNames() throws Exception {
    try (RendezvousGuest.Call own = badCall()) {
      RawSctp sctp = new RawSctp(own);
      String label = "l".repeat(16_000);
      for (int stream = 0; stream < 60; stream += 2) {
        sctp.open(stream, label);
      }
      sctp.message(1, RawSctp.DCEP, new byte[] {3});
      own.negotiate();
    }
  }

  @Test
  void beginsMessagesThatNeverEndAndForwardsThem() throws Exception {
    try (RendezvousGuest.Call own = badCall()) {
      RawSctp sctp = new RawSctp(own);
      byte[] part = new byte[1_000];
      for (int i = 0; i < 4_000; i++) {
        sctp.data(RawSctp.BEGIN, i % 1024, RawSctp.TEXT, part);
      }
      for (int ahead : new int[] {1, 1_000, 1 << 20, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
        ByteBuffer forward = ByteBuffer.allocate(4 + 4 * 250);
        forward.putInt(sctp.nextTsn() + ahead);
        for (int stream = 0; stream < 250; stream++) {
          forward.putShort((short) stream).putShort((short) 0xFFFF);
        }
        sctp.send(RawSctp.chunk(RawSctp.FORWARD_TSN, 0, forward.array()));
      }
      Random random = new Random(3);
      for (int i = 0; i < 2_000; i++) {
        byte[] value = new byte[random.nextInt(200)];
        random.nextBytes(value);
        int type = random.nextInt(256);
        if (type != 6) { // an ABORT may end it
          sctp.send(RawSctp.chunk(type, random.nextInt(256), value));
        }
      }
      own.negotiate();
    }
  }

  // ---- His pictures ----

  @Test
  void sendsPicturesOfImpossibleSizes() throws Exception {
    try (RendezvousGuest.Call own = badCall()) {
      int[][] sizes = {{16_000, 16_000}, {0, 0}, {16_383, 1}, {1, 16_383}, {4_097, 4_097}};
      for (int i = 0; i < 50; i++) {
        int[] size = sizes[i % sizes.length];
        sendKeyFrame(own, MediaFormat.VP8, vp8(size[0], size[1]));
      }
      own.negotiate();
    }
  }

  private static void sendKeyFrame(RendezvousGuest.Call own, MediaFormat format, byte[] picture) {
    own.driver.send(
        own.picture,
        new MediaFrame(format, PeerDriver.nanoTime(), 0, true, ByteBuffer.wrap(picture)));
  }

  private static byte[] vp8(int width, int height) {
    ByteBuffer picture = ByteBuffer.allocate(500).order(ByteOrder.LITTLE_ENDIAN);
    picture.put((byte) 0x10).put(3, (byte) 0x9D).put(4, (byte) 1).put(5, (byte) 0x2A);
    return picture.putShort(6, (short) width).putShort(8, (short) height).array();
  }

  @Test
  void changesTheCodecOfARecordedPictureWithEachFrame() throws Exception {
    try (RendezvousGuest.Call own = badCall()) {
      ObjectNode nothing = JSON.createObjectNode();
      String recording = "/api/call/session/" + own.channel + "/recording";
      assertThat(AgentInProcess.get(page.post(recording, nothing))).isEqualTo(200);
      byte[] vp9 = octets("824983420013f00efc" + "00".repeat(100)); // 320x240, a key frame
      for (int i = 0; i < 300; i++) {
        if (i % 2 == 0) {
          sendKeyFrame(own, MediaFormat.VP8, vp8(320, 240));
        } else {
          sendKeyFrame(own, MediaFormat.VP9, vp9);
        }
        // As fast as a camera would, or the sender drops them itself.
        java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
      }
      assertThat(AgentInProcess.get(page.post(recording + "/stop", nothing))).isEqualTo(200);
    }
    assertThat(files()).as("recorded files").isLessThanOrEqualTo(20);
  }

  private long files() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(file -> file.toString().endsWith(".webm")).count();
    }
  }

  // ---- His envelopes ----

  @Test
  void namesAddressesThatNobodyMaySendTo() throws Exception {
    try (DatagramSocket printer = new DatagramSocket(null)) {
      printer.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 631));
      printer.setSoTimeout(300);
      try (RendezvousGuest.Call own = badCall()) {
        for (String address : List.of("127.0.0.1 631", "255.255.255.255 9", "224.0.0.251 5353")) {
          candidate(own, "candidate:1 1 udp 2130706431 " + address + " typ host");
          candidate(own, "candidate:1 1 tcp 2130706431 " + address + " typ host tcptype passive");
        }
        own.negotiate();
        DatagramPacket packet = new DatagramPacket(new byte[1500], 1500);
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> printer.receive(packet))
            .as("a check to port 631")
            .isInstanceOf(java.net.SocketTimeoutException.class);
      }
    }
  }

  private void candidate(RendezvousGuest.Call own, String candidate) {
    ObjectNode payload = RendezvousGuest.payload("ice-candidate");
    payload.putObject("candidate").put("candidate", candidate).put("sdpMid", "0");
    bad.say(own.channel, payload);
  }

  @Test
  void writesEnvelopesThatNobodyCanRead() throws Exception {
    for (int i = 0; i < 1_500; i++) {
      bad.say("{\"channel_id\":\"" + i + "\u009b\u202e\u2028\"}");
    }
    assertThat(bad.awaitClose()).isEqualTo(1008);
  }

  @Test
  void ringsUnderManyNames() throws Exception {
    for (int i = 0; i < 60; i++) {
      bad.say(newChannel(), RendezvousGuest.request());
    }
    // The last of them is decided on when the user's own calls still can be made.
    ObjectNode start = JSON.createObjectNode();
    start.put("channel_id", newChannel()).put("remote_peer", "third");
    start.putObject("media").put("audio", true);
    RendezvousGuest third = new RendezvousGuest(http, agent, "third");
    assertThat(AgentInProcess.get(page.post("/api/call/start", start))).isEqualTo(200);
    third.next(
        message -> message.path("payload").path("type").asText().equals("call-request"),
        "the ring");
    assertThat(page.active().findValuesAsText("remote_peer"))
        .as("calls of the guest who rings")
        .filteredOn(bad.name()::equals)
        .hasSizeLessThanOrEqualTo(1);
    ObjectNode hangup = JSON.createObjectNode().put("channel_id", start.get("channel_id").asText());
    AgentInProcess.get(page.post("/api/call/hangup", hangup));
    third.close();
  }

  @Test
  void asksForOtherGuests() throws Exception {
    List<String> answers = new ArrayList<>();
    for (String name : List.of("good", "third", "nobody")) {
      String channel = newChannel();
      bad.say(bad.envelope(channel, name, RendezvousGuest.request()).toString());
      ObjectNode answer =
          (ObjectNode)
              bad.next(message -> message.path("type").asText().equals("error"), "an error");
      answer.remove(List.of("channel_id", "to"));
      answers.add(answer.toString().replace(name, "NAME"));
    }
    assertThat(answers).as("whether somebody is there").containsOnly(answers.getFirst());
  }

  @Test
  void saysGoodbyeInControlCharacters() throws Exception {
    try (RendezvousGuest.Call own = badCall()) {
      ObjectNode hangup =
          RendezvousGuest.payload("call-hangup")
              .put("reason", "\u009b31m\u202e\u2028<img src=x onerror=alert(1)>SURROGATE");
      String envelope = bad.envelope(own.channel, agent.name(), hangup).toString();
      bad.say(envelope.replace("SURROGATE", "\\ud800")); // half of a pair, as an escape of JSON
      page.await(own.channel, "ended remote_hung_up");
    }
  }

  private static byte[] octets(String hexadecimal) {
    return java.util.HexFormat.of().parseHex(hexadecimal.replace(" ", ""));
  }
}
