package org.heliograph.interop.call;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.heliograph.interop.lab.HeliographAgent;
import org.heliograph.interop.lab.Page;

/** A browser with the agent's page for the other side. */
final class PageForTheOtherSide implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final Page page;

  /**
   * Opens the page by the agent's invitation.
   *
   * @param hertz the tone of the made-up microphone
   */
  PageForTheOtherSide(Page page, HeliographAgent agent, int hertz) throws IOException {
    this.page = page;
    page.open(agent.invitation());
    try (var script = PageForTheOtherSide.class.getResourceAsStream("/picture-code.js")) {
      page.evaluate(
          "globalThis.pictureCode = (() => { %s; return pictureCode; })()"
              .formatted(new String(script.readAllBytes(), StandardCharsets.UTF_8)));
    }
    page.evaluate("pictureCode.replaceDevices(%d)".formatted(hertz));
    awaitState("idle");
  }

  /** From now on the browser's own candidates are relayed ones, and no others. */
  void useRelaysOnly() {
    page.evaluate(
        """
        globalThis.RTCPeerConnection = class extends RTCPeerConnection {
          constructor(configuration) {
            super({ ...configuration, iceTransportPolicy: 'relay' });
          }
        };
        """);
  }

  /** The agent calls; this side takes the call. */
  void accept() {
    awaitState("ringing");
    page.click("#accept");
  }

  /** The agent calls; this side takes the call, without its camera at first. */
  void acceptWithoutCamera() {
    awaitState("ringing");
    page.evaluate("document.getElementById('answer-with-video').checked = false");
    page.click("#accept");
  }

  /** This side switches its camera. */
  void pressCamera() {
    page.click("#camera");
  }

  /** This side calls the agent. */
  void call() {
    page.click("#call");
  }

  /** Waits until so many pictures with different codes were seen. */
  void awaitPictures(int codes) {
    page.evaluate("globalThis.codes = new Set()");
    page.await(
        """
        (() => {
          const code = pictureCode.read(document.getElementById('remote'));
          if (code !== null) codes.add(code);
          return codes.size >= %d;
        })()
        """
            .formatted(codes),
        LIMIT);
  }

  /** Sends a second picture, whose code is so far ahead of the clock, from the next offer on. */
  void addPicture(int aheadMillis) {
    page.evaluate("pictureCode.addPicture(heliographCall.connection, %d)".formatted(aheadMillis));
  }

  /**
   * Waits until pictures are received whose codes are so far ahead of the clock, each in a section
   * of its own.
   */
  void awaitPicturesAhead(int... aheadMillis) {
    page.await(
        "pictureCode.sees(heliographCall.connection, %s)".formatted(Arrays.toString(aheadMillis)),
        LIMIT);
  }

  /** Waits until no live picture is received any more whose code is so far ahead. */
  void awaitNoPictureAhead(int aheadMillis) {
    page.await("!pictureCode.sees(heliographCall.connection, [%d])".formatted(aheadMillis), LIMIT);
  }

  /** What the browser's connection counts of the first picture that it receives. */
  JsonNode firstPicture() {
    return page.evaluate(
        """
        const { connection } = heliographCall;
        const first = connection.getReceivers().find(({ track }) => track.kind === 'video');
        return [...(await first.getStats()).values()].find(({ type }) => type === 'inbound-rtp');
        """);
  }

  /** How many sections the connection's description has. */
  int sections() {
    return page.evaluate(
            "return heliographCall.connection.remoteDescription.sdp.match(/^m=/gm).length")
        .asInt();
  }

  /** Waits until a tone of that frequency is heard. */
  void awaitTone(int hertz) {
    page.await(
        """
        pictureCode.frequencyOf(document.getElementById('remote').srcObject)
            .then((tone) => Math.abs(tone.hertz - %d) < 5 && tone.decibels > -60)
        """
            .formatted(hertz),
        LIMIT);
  }

  /**
   * Another connection takes the name over, as another tab's would; this page hears no word more.
   */
  void takeNameOver() {
    page.evaluate(
        """
        const invitation = new URLSearchParams(sessionStorage.getItem('heliograph-invitation'));
        const address = new URL('../signal', location.href);
        address.protocol = address.protocol.replace('http', 'ws');
        address.search = new URLSearchParams({
          peer: invitation.get('peer'), access_token: invitation.get('token'),
        });
        globalThis.otherTab = new WebSocket(address);
        """);
    page.await(
        "document.getElementById('trouble-words').textContent.includes('another window')", LIMIT);
  }

  /** Keeps the own devices in view, to say later whether they are closed. */
  void keepDevicesInView() {
    page.evaluate("globalThis.ownTracks = heliographCall.localStream.getTracks()");
  }

  /** Whether the devices that were in view are closed. */
  boolean devicesAreClosed() {
    return page.evaluate(
            "return ownTracks.length === 2 && ownTracks.every((t) => t.readyState === 'ended')")
        .asBoolean();
  }

  /** Waits until this side knows that the call is over. */
  void awaitEnd() {
    page.await("['idle', 'offline'].includes(document.body.dataset.state)", LIMIT);
  }

  private void awaitState(String state) {
    page.await("document.body.dataset.state === '%s'".formatted(state), LIMIT);
  }

  /** What this side can say about a call that did not come about. */
  JsonNode troubles() {
    return page.evaluate(
        """
        const { connection } = heliographCall;
        return {
          state: document.body.dataset.state,
          words: document.getElementById('trouble-words').textContent,
          signaling: connection?.signalingState,
          ice: connection?.iceConnectionState,
          local: connection?.localDescription?.sdp,
          remote: connection?.remoteDescription?.sdp,
          stats: connection ? [...(await connection.getStats()).values()] : [],
        };
        """);
  }

  @Override
  public void close() {
    page.open("about:blank");
  }
}
