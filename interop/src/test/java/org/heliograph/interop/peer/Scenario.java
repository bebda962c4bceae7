package org.heliograph.interop.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.heliograph.interop.peer.Call.Offerer;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.TransceiverDirection;

/** What a call must be able to do with each other implementation: a row of the matrix. */
enum Scenario {
  AUDIO("audio only") {
    @Override
    void play(Call call, Offerer offerer) {
      call.send(Set.of(MediaKind.AUDIO));
      call.negotiate(offerer);
      call.awaitContent(Set.of(MediaKind.AUDIO));
      assertThat(call.own.received().frames()).as("pictures in a call of sound").isZero();
      assertThat(call.remote.received().frames()).as("pictures in a call of sound").isZero();
    }
  },

  VIDEO("video only") {
    @Override
    void play(Call call, Offerer offerer) {
      call.send(Set.of(MediaKind.VIDEO));
      call.negotiate(offerer);
      call.awaitContent(Set.of(MediaKind.VIDEO));
    }
  },

  BOTH("audio and video") {
    @Override
    void play(Call call, Offerer offerer) {
      call.send(SOUND_AND_PICTURE);
      call.negotiate(offerer);
      call.awaitContent(SOUND_AND_PICTURE);
    }
  },

  /** A code is read in a picture soon after the connection is there. */
  FIRST_PICTURE("first picture within 2 s") {
    @Override
    void play(Call call, Offerer offerer) {
      call.send(SOUND_AND_PICTURE);
      call.negotiate(offerer);
      call.awaitFirstPicture(FIRST_PICTURE_LIMIT);
    }
  },

  /** Media begins long after the connection is up; it was agreed on before. */
  LATE_START("late start") {
    @Override
    void play(Call call, Offerer offerer) {
      call.prepare(SOUND_AND_PICTURE);
      call.negotiate(offerer);
      call.awaitIdleConnection(LATE);
      call.send(SOUND_AND_PICTURE);
      call.awaitContent(SOUND_AND_PICTURE);
    }
  },

  /** We lost the picture's beginning and ask for a key frame, which the other side makes. */
  PICTURE_REQUEST("picture asked for (PLI)") {
    @Override
    void play(Call call, Offerer offerer) {
      call.send(SOUND_AND_PICTURE);
      call.negotiate(offerer);
      call.awaitContent(SOUND_AND_PICTURE);
      call.requestPicture();
      call.awaitContent(SOUND_AND_PICTURE);
    }
  },

  /** Somebody comes to see what others see already, and asks for a key frame once more. */
  SECOND_VIEWER("second viewer, and his PLI") {
    @Override
    void play(Call call, Offerer offerer) {
      call.send(SOUND_AND_PICTURE);
      if (offerer == Offerer.REMOTE) {
        call.remote.admitViewer();
        call.await(
            "what the first viewer sees",
            () -> call.remote.received().hasAll(SOUND_AND_PICTURE, call.remote.toneHertz()),
            () -> call.remote.received().toString());
        call.negotiate(offerer);
      } else {
        call.negotiate(offerer);
        call.awaitContent(SOUND_AND_PICTURE);
        call.remote.admitViewer();
      }
      call.awaitFirstPicture(FIRST_PICTURE_LIMIT);
      call.requestPicture();
      call.awaitContent(SOUND_AND_PICTURE);
    }
  },

  /** The path's delay grows and is then as before: all comes again. */
  JAM("a jam") {
    @Override
    boolean needsPath() {
      return true;
    }

    @Override
    void play(Call call, Offerer offerer) {
      call.send(SOUND_AND_PICTURE);
      call.negotiate(offerer);
      call.awaitContent(SOUND_AND_PICTURE);
      call.jam(JAM_LIMIT);
      call.awaitContent(SOUND_AND_PICTURE);
    }
  },

  /** Video comes to a call of sound, goes again and comes back, as the offerer wishes. */
  RENEGOTIATION("renegotiation by the offerer") {
    @Override
    void play(Call call, Offerer offerer) {
      playRenegotiation(call, offerer, offerer);
    }
  },

  /** The same as the answerer of the call's first offer wishes. */
  RENEGOTIATION_BY_ANSWERER("renegotiation by the answerer") {
    @Override
    void play(Call call, Offerer offerer) {
      playRenegotiation(call, offerer, offerer.other());
    }
  },

  /** ICE begins anew in a call, first at the offerer's wish, then at the other side's. */
  RESTART("ICE restart") {
    @Override
    void play(Call call, Offerer offerer) {
      call.send(SOUND_AND_PICTURE);
      call.negotiate(offerer);
      call.awaitContent(SOUND_AND_PICTURE);
      for (Offerer restarting :
          call.remote.offersAtWill() ? List.of(offerer, offerer.other()) : List.of(Offerer.WE)) {
        String before = call.own.selectedUsernameFragments();
        call.restartIce(restarting);
        call.await(
            "another path",
            () -> !Set.of("", before).contains(call.own.selectedUsernameFragments()),
            () -> "it is " + call.own.selectedUsernameFragments() + " still");
        call.awaitContent(SOUND_AND_PICTURE);
      }
    }
  },

  /** The other side puts the call on hold, with and without something to hear, and resumes it. */
  HOLD("hold by the other side") {
    @Override
    void play(Call call, Offerer offerer) {
      call.send(SOUND_AND_PICTURE);
      call.negotiate(offerer);
      call.awaitContent(SOUND_AND_PICTURE);

      call.remote.setDirection(TransceiverDirection.SENDONLY);
      call.negotiate(Offerer.REMOTE);
      call.awaitContentHereAlone(SOUND_AND_PICTURE);

      call.remote.setDirection(TransceiverDirection.INACTIVE);
      call.negotiate(Offerer.REMOTE);
      call.awaitSilence();

      call.remote.setDirection(TransceiverDirection.SENDRECV);
      call.negotiate(Offerer.REMOTE);
      call.awaitContent(SOUND_AND_PICTURE);
    }
  },

  /** We put the call on hold, with and without something to hear, and resume it. */
  HOLD_BY_US("hold by us") {
    @Override
    void play(Call call, Offerer offerer) {
      call.send(SOUND_AND_PICTURE);
      call.negotiate(offerer);
      call.awaitContent(SOUND_AND_PICTURE);

      if (!call.remote.sendsBack()) {
        call.own.setDirection(TransceiverDirection.SENDONLY);
        call.negotiate(Offerer.WE);
        call.awaitContentThereAlone(SOUND_AND_PICTURE);
      }

      call.own.setDirection(TransceiverDirection.INACTIVE);
      call.negotiate(Offerer.WE);
      call.awaitSilence();

      call.own.setDirection(TransceiverDirection.SENDRECV);
      call.negotiate(Offerer.WE);
      call.awaitContent(SOUND_AND_PICTURE);
    }
  },

  RELAY_UDP("relay over UDP") {
    @Override
    Optional<String> relayTransport() {
      return Optional.of("udp");
    }

    @Override
    void play(Call call, Offerer offerer) {
      playRelayed(call, offerer);
    }
  },

  RELAY_TCP("relay over TCP") {
    @Override
    Optional<String> relayTransport() {
      return Optional.of("tcp");
    }

    @Override
    void play(Call call, Offerer offerer) {
      playRelayed(call, offerer);
    }
  },

  RELAY_TLS("relay over TLS") {
    @Override
    Optional<String> relayTransport() {
      return Optional.of("tls");
    }

    @Override
    void play(Call call, Offerer offerer) {
      playRelayed(call, offerer);
    }
  },

  /** Each side opens a channel, the offerer before its offer, and hears its messages again. */
  DATA_CHANNEL("data channel") {
    @Override
    void play(Call call, Offerer offerer) {
      call.openChannel(offerer, "first");
      call.negotiate(offerer);
      call.verifyEcho(offerer, "first", messages());
      call.openChannel(offerer.other(), "second");
      call.verifyEcho(offerer.other(), "second", messages());
    }
  };

  private static final Duration FIRST_PICTURE_LIMIT = Duration.ofSeconds(2);
  private static final Duration LATE = Duration.ofSeconds(5);

  /** How long after a jam pictures must be there again. */
  private static final Duration JAM_LIMIT = Duration.ofSeconds(5);

  private static final Set<MediaKind> SOUND_AND_PICTURE = EnumSet.allOf(MediaKind.class);

  private final String title;

  Scenario(String title) {
    this.title = title;
  }

  private static void playRenegotiation(Call call, Offerer first, Offerer next) {
    call.send(Set.of(MediaKind.AUDIO));
    call.negotiate(first);
    call.awaitContent(Set.of(MediaKind.AUDIO));

    call.send(Set.of(MediaKind.VIDEO));
    call.negotiate(next);
    call.awaitContent(SOUND_AND_PICTURE);

    call.stopSending(MediaKind.VIDEO);
    call.negotiate(next);
    call.awaitSoundAlone();

    call.send(Set.of(MediaKind.VIDEO));
    call.negotiate(next);
    call.awaitContent(SOUND_AND_PICTURE);
  }

  private static void playRelayed(Call call, Offerer offerer) {
    call.send(SOUND_AND_PICTURE);
    call.negotiate(offerer);
    call.awaitContent(SOUND_AND_PICTURE);
    assertThat(call.own.selectedCandidateType()).isEqualTo("relay");
  }

  /** Texts and octets of lengths that take no, one and many packets; Pion takes no longer ones. */
  private static List<ChannelMessage> messages() {
    List<ChannelMessage> messages = new ArrayList<>();
    for (String text : List.of("hello", "", "Grüße, 你好, 👋", "x".repeat(20_000))) {
      messages.add(new ChannelMessage.Text(text));
    }
    Random random = new Random(1);
    for (int length : new int[] {0, 1, 1_200, 16_384, 65_535}) {
      byte[] octets = new byte[length];
      random.nextBytes(octets);
      messages.add(new ChannelMessage.Binary(ByteBuffer.wrap(octets)));
    }
    return messages;
  }

  /** Whether an emulated path must lie between the two sides. */
  boolean needsPath() {
    return false;
  }

  /** The transport to the relay that this side must use; empty where it uses every path. */
  Optional<String> relayTransport() {
    return Optional.empty();
  }

  /** Plays it; fails the test where something does not arrive. */
  abstract void play(Call call, Offerer offerer);

  @Override
  public String toString() {
    return title;
  }
}
