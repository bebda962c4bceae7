package org.heliograph.interop.peer;

import static org.heliograph.interop.peer.RemotePeer.JSON;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.SdpType;
import org.heliograph.peer.SessionDescription;

/**
 * A room of Janus's video room, which asks for no key frame by itself but when somebody begins to
 * watch, and those who are in it beside the peer that is tested.
 */
final class JanusRoom implements AutoCloseable {
  /** The tone of the others. */
  static final int TONE_HERTZ = 540;

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration PACE = Duration.ofMillis(20);
  private static final int PUBLISHERS = 6;
  private static final int MAX_BITS_PER_SECOND = 2_000_000;

  /** Somebody else in the room: this project's peer, with a connection of his own. */
  static final class Member implements AutoCloseable {
    private final JanusSession.Handle handle;
    private final OwnPeer peer;

    private Member(JanusSession.Handle handle) {
      this.handle = handle;
      try {
        peer = new OwnPeer(new PeerConfiguration(List.of(), true), TONE_HERTZ);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Carries the candidates that were found, and gives what is to be asked. */
    OwnPeer peer() {
      peer.takeCandidates().forEach(handle::trickle);
      return peer;
    }

    @Override
    public void close() {
      peer.close();
    }
  }

  private final JanusSession session;
  private final List<Member> members = new ArrayList<>();
  private final long number;

  JanusRoom(JanusSession session) {
    this.session = session;
    number =
        session
            .attach("videoroom")
            .ask(
                request("create")
                    .put("publishers", PUBLISHERS)
                    .put("fir_freq", 0)
                    .put("bitrate", MAX_BITS_PER_SECOND))
            .data()
            .path("room")
            .asLong();
  }

  private static ObjectNode request(String name) {
    return JSON.createObjectNode().put("request", name);
  }

  /** Enters to publish; gives the number of the feed. */
  long joinToPublish(JanusSession.Handle handle) {
    ObjectNode join = request("join").put("ptype", "publisher").put("room", number);
    return handle.ask(join).data().path("id").asLong();
  }

  /** Publishes, and again what has changed: has Janus answer the offer. */
  String publish(JanusSession.Handle handle, String offer) {
    return handle.ask(request("configure"), new SessionDescription(SdpType.OFFER, offer)).sdp();
  }

  /** Enters to watch a feed: has Janus offer. */
  String joinToWatch(JanusSession.Handle handle, long feed) {
    ObjectNode join = request("join").put("ptype", "subscriber").put("room", number);
    join.putArray("streams").addObject().put("feed", feed);
    return handle.ask(join).sdp();
  }

  /** Watches: answers Janus's offer. */
  void watch(JanusSession.Handle handle, String answer) {
    var _ = handle.ask(request("start"), new SessionDescription(SdpType.ANSWER, answer));
  }

  /** Somebody who has yet to say what he publishes. */
  Member newPublisher() {
    return admit(new Member(session.attach("videoroom")));
  }

  /** Has him enter and publish what he has; gives the number of the feed once it can be watched. */
  long publish(Member publisher) {
    long feed = joinToPublish(publisher.handle);
    publisher.peer.accept(publish(publisher.handle, publisher.peer.offer()));
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!publisher.handle.isUp()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("who publishes is not connected: " + publisher.peer.troubles());
      }
      var _ = publisher.peer();
      LockSupport.parkNanos(PACE.toNanos());
    }
    return feed;
  }

  /** Somebody who watches a feed. */
  Member newWatcher(long feed) {
    Member member = admit(new Member(session.attach("videoroom")));
    watch(member.handle, member.peer.answer(joinToWatch(member.handle, feed)));
    return member;
  }

  private Member admit(Member member) {
    members.add(member);
    return member;
  }

  @Override
  public void close() {
    members.forEach(Member::close);
  }
}
