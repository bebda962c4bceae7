package org.heliograph.session;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFrame;

/**
 * What a connection receives in one media section, from the exchange that agreed on it to the one
 * that ends it (W3C {@code MediaStreamTrack}): frames in order, on the clock of what they are in
 * time with. Who shows, records, decodes or forwards it subscribes. A section that serves another
 * track later gives another one of these.
 */
public final class RemoteTrack {
  /** Takes the track's frames; called on the connection's thread, which it must not block. */
  @FunctionalInterface
  public interface Subscriber {
    /** A whole frame, decodable after the frames before it. */
    void onFrame(MediaFrame frame);
  }

  private final TrackId id;
  private final MediaKind kind;
  private final Optional<String> name;
  private final List<String> streams;
  private final List<Subscriber> subscribers = new CopyOnWriteArrayList<>();
  private volatile FrameTransform transform = FrameTransform.NONE;

  /**
   * @param id what this side calls it
   * @param name what the other side calls it (RFC 8830 2, {@code msid-appdata}), unchecked
   * @param streams the media streams that it belongs to (RFC 8830 2, {@code msid-id}), unchecked
   */
  public RemoteTrack(TrackId id, MediaKind kind, Optional<String> name, List<String> streams) {
    this.id = Objects.requireNonNull(id, "id");
    this.kind = Objects.requireNonNull(kind, "kind");
    this.name = name;
    this.streams = List.copyOf(streams);
  }

  /** What this side calls it: unique in its session, and never given twice. */
  public TrackId id() {
    return id;
  }

  /** What it carries. */
  public MediaKind kind() {
    return kind;
  }

  /** What the other side calls it; a foreign text. */
  public Optional<String> name() {
    return name;
  }

  /** The media streams that it belongs to, as the other side names them; foreign texts. */
  public List<String> streams() {
    return streams;
  }

  /**
   * Hands every frame that comes from now on to the subscriber; from any thread.
   *
   * @return ends that
   */
  public Runnable subscribe(Subscriber subscriber) {
    Objects.requireNonNull(subscriber, "subscriber");
    subscribers.add(subscriber);
    return () -> subscribers.remove(subscriber);
  }

  /** Sets what is done with each frame before it is handed on; from any thread. */
  public void setTransform(FrameTransform transform) {
    this.transform = Objects.requireNonNull(transform, "transform");
  }

  /** Hands a received frame on; for the session that receives it, on its thread. */
  public void receive(MediaFrame frame) {
    MediaFrame transformed = transform.apply(frame);
    if (transformed == null) {
      return;
    }
    for (Subscriber subscriber : subscribers) {
      subscriber.onFrame(transformed);
    }
  }

  @Override
  public String toString() {
    return "RemoteTrack[" + id + ", " + kind + "]";
  }
}
