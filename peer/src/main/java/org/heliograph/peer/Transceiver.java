package org.heliograph.peer;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.heliograph.peer.stream.receive.Synchronization;

/**
 * A sender and a receiver that share one media section (W3C {@code RTCRtpTransceiver}, RFC 8829
 * 3.4.1).
 *
 * <p>What it tells may be read on any thread. What changes it belongs to the thread that drives the
 * connection.
 */
public final class Transceiver {
  private final MediaKind kind;
  private final Supplier<SourceIdentity> newSource;
  private final Runnable changed;
  private volatile TransceiverDirection direction;
  private volatile Optional<String> synchronizationGroup = Optional.empty();
  private volatile List<MediaCodec> codecPreferences = List.of();
  private volatile String mid;
  private volatile MediaAgreement agreement;
  private volatile List<SendEncoding> encodings;
  private volatile List<SourceIdentity> sources;

  /** Of each stream how often it was switched on again; belongs to the connection's thread. */
  private final int[] activations;

  Transceiver(
      MediaKind kind,
      TransceiverDirection direction,
      Supplier<SourceIdentity> newSource,
      Runnable changed) {
    this(kind, direction, List.of(), newSource, changed);
  }

  /**
   * A transceiver that sends several streams of the same pictures.
   *
   * @param newSource makes the sources of one stream
   * @param changed is told when the application has changed the direction or the group
   */
  Transceiver(
      MediaKind kind,
      TransceiverDirection direction,
      List<SendEncoding> encodings,
      Supplier<SourceIdentity> newSource,
      Runnable changed) {
    this.kind = Objects.requireNonNull(kind, "kind");
    this.direction = Objects.requireNonNull(direction, "direction");
    if (direction == TransceiverDirection.STOPPED) {
      throw new IllegalArgumentException("a transceiver cannot begin stopped");
    }
    this.encodings = List.copyOf(encodings);
    this.newSource = newSource;
    this.sources = Stream.generate(newSource).limit(Math.max(1, encodings.size())).toList();
    this.activations = new int[sources.size()];
    this.changed = changed;
  }

  /** What this transceiver carries. */
  public MediaKind kind() {
    return kind;
  }

  /** The media section's identification, once it has one. */
  public Optional<String> mid() {
    return Optional.ofNullable(mid);
  }

  /** The direction that this side wants. */
  public TransceiverDirection direction() {
    return direction;
  }

  /**
   * Sets the direction that this side wants; takes effect with the next offer/answer exchange.
   *
   * @throws IllegalStateException if the transceiver is stopped
   */
  public void setDirection(TransceiverDirection direction) {
    Objects.requireNonNull(direction, "direction");
    if (isStopped()) {
      throw new IllegalStateException("the transceiver is stopped");
    }
    if (this.direction != direction) {
      this.direction = direction;
      changed.run();
    }
  }

  /**
   * Ends the transceiver for good (W3C {@code stop()}): the next offer refuses its media section,
   * which may then serve another transceiver.
   */
  public void stop() {
    if (!isStopped()) {
      direction = TransceiverDirection.STOPPED;
      changed.run();
    }
  }

  boolean isStopped() {
    return direction == TransceiverDirection.STOPPED;
  }

  /** The direction that was negotiated, from this side's view; empty before the first exchange. */
  public Optional<TransceiverDirection> currentDirection() {
    MediaAgreement agreed = agreement;
    if (agreed == null) {
      return Optional.empty();
    }
    return Optional.of(isStopped() ? TransceiverDirection.STOPPED : agreed.direction());
  }

  /**
   * The name of the track that is received (RFC 8830 2, W3C {@code track.id}), as the other side
   * chose it; empty before an exchange, and where it gave none.
   */
  public Optional<String> remoteTrackId() {
    MediaAgreement agreed = agreement;
    return agreed == null ? Optional.empty() : agreed.remoteSources().track();
  }

  /**
   * The names of the media streams that the received track belongs to (RFC 8830 2, W3C {@code
   * streams} of a track event), as the other side chose them; a LiveKit server's begin with the
   * participant's, up to a bar.
   */
  public List<String> remoteStreamIds() {
    MediaAgreement agreed = agreement;
    return agreed == null ? List.of() : agreed.remoteSources().streams();
  }

  /**
   * Says with what the received track is in time: tracks of one group are put on one clock ({@link
   * org.heliograph.peer.media.MediaFrame#timeNanos}) by their sender reports, those of different
   * groups never. Without it a group is what shares a CNAME (RFC 7022) or a media stream (RFC 8830
   * 2). It has to be said where these do not tell people apart, or tell apart what belongs to one
   * person. Takes effect at once.
   *
   * @param group the group, by any name of the application's; empty to go by the sender's names
   */
  public void setSynchronizationGroup(Optional<String> group) {
    if (!synchronizationGroup.equals(group)) {
      synchronizationGroup = group;
      changed.run();
    }
  }

  /** What the received track is in time with. */
  Synchronization synchronization() {
    MediaAgreement agreed = agreement;
    return agreed == null
        ? new Synchronization(synchronizationGroup, Optional.empty(), List.of())
        : new Synchronization(
            synchronizationGroup, agreed.remoteSources().cname(), agreed.remoteSources().streams());
  }

  /**
   * What the other side wants to receive: the parameters of its {@code a=fmtp} line by lower-case
   * name, for Opus such as {@code useinbandfec}, {@code usedtx}, {@code stereo} and {@code
   * maxaveragebitrate} (RFC 7587 7). Empty before the first exchange.
   */
  public Map<String, String> remoteParameters() {
    MediaAgreement agreed = agreement;
    return agreed == null ? Map.of() : agreed.send().preferred().parameters().values();
  }

  /**
   * The streams that this transceiver sends of the same pictures (simulcast): before an exchange
   * all that it was made with, after it those that the other side takes. Where that takes no
   * simulcast it is the first one alone; a transceiver without simulcast has none.
   */
  public List<SendEncoding> sendEncodings() {
    MediaAgreement agreed = agreement;
    List<SendEncoding> all = encodings;
    if (agreed == null || all.isEmpty()) {
      return all;
    }
    return agreed.rids().isEmpty()
        ? List.of(all.getFirst())
        : all.stream().filter(encoding -> agreed.rids().contains(encoding.rid())).toList();
  }

  /**
   * Changes the streams that are sent (W3C {@code setParameters}): whether they are active, their
   * rates and sizes; at once, without a new exchange.
   *
   * @param changed all that the transceiver was made with, by name and in the same order
   * @throws IllegalArgumentException if the names differ
   */
  public void setSendEncodings(List<SendEncoding> changed) {
    if (!rids(changed).equals(rids(encodings))) {
      throw new IllegalArgumentException(
          "the transceiver sends " + rids(encodings) + ", not " + rids(changed));
    }
    for (int i = 0; i < changed.size(); i++) {
      if (changed.get(i).active() && !encodings.get(i).active()) {
        activations[i]++;
      }
    }
    encodings = List.copyOf(changed);
  }

  /** How often a stream was switched on again. */
  int activations(String rid) {
    return activations[Math.max(0, rids().indexOf(rid))];
  }

  private static List<String> rids(List<SendEncoding> encodings) {
    return encodings.stream().map(SendEncoding::rid).toList();
  }

  /** The names of the streams to offer; none without simulcast. */
  List<String> rids() {
    return rids(encodings);
  }

  /** Whether a stream is to be sent now. */
  boolean sends(String rid) {
    for (SendEncoding encoding : sendEncodings()) {
      if (encoding.rid().equals(rid)) {
        return encoding.active();
      }
    }
    return encodings.isEmpty() && rid.isEmpty();
  }

  /** The RTP sources that this transceiver sends with; of simulcast those of the first stream. */
  SourceIdentity source() {
    return sources.getFirst();
  }

  /**
   * What this transceiver sent has ended, and what it sends next comes from other sources:
   * libwebrtc shows nothing of a source that was taken out of the description and is back in it
   * later.
   */
  void renewSources() {
    sources = Stream.generate(newSource).limit(sources.size()).toList();
  }

  /** The RTP sources of a stream. */
  SourceIdentity source(String rid) {
    return sources.get(Math.max(0, rids().indexOf(rid)));
  }

  /**
   * Sets which codecs this transceiver negotiates, the preferred one first (W3C {@code
   * setCodecPreferences}); takes effect with the next offer/answer exchange. Without it an offer
   * has {@link MediaCodec#defaults} and an answer follows the offer's order.
   *
   * @param codecs of this transceiver's kind; none returns to the defaults
   * @throws IllegalArgumentException if one is of another kind, or if all of them only wrap others
   */
  public void setCodecPreferences(List<MediaCodec> codecs) {
    List<MediaCodec> preferences = codecs.stream().distinct().toList();
    for (MediaCodec codec : preferences) {
      if (codec.kind() != kind) {
        throw new IllegalArgumentException(codec.mimeType() + " is not " + kind.token());
      }
    }
    if (!preferences.isEmpty()
        && preferences.stream().allMatch(codec -> codec.format().isEmpty())) {
      throw new IllegalArgumentException("no codec among " + preferences + " stands alone");
    }
    codecPreferences = preferences;
  }

  /** The codecs that this transceiver negotiates, the preferred one first. */
  public List<MediaCodec> codecPreferences() {
    return hasCodecPreferences() ? codecPreferences : MediaCodec.defaults(kind);
  }

  boolean hasCodecPreferences() {
    return !codecPreferences.isEmpty();
  }

  /**
   * The codecs that both sides have, the one first that the other side prefers to receive. Empty
   * before the first exchange.
   */
  public List<MediaCodec> negotiatedCodecs() {
    MediaAgreement agreed = agreement;
    return agreed == null
        ? List.of()
        : agreed.send().formats().stream().map(NegotiatedFormat::codec).toList();
  }

  /** What was agreed for the media section; null before the first exchange. */
  MediaAgreement agreement() {
    return agreement;
  }

  /** Joins the transceiver to a media section; null frees it again (rollback). */
  void associate(String mid) {
    this.mid = mid;
  }

  void agree(MediaAgreement agreement) {
    this.agreement = agreement;
  }

  /** The media section was refused by the other side, or its refusal took effect. */
  void stopped() {
    direction = TransceiverDirection.STOPPED;
  }

  @Override
  public String toString() {
    return "Transceiver[" + kind + ", mid=" + mid + ", " + direction + "]";
  }
}
