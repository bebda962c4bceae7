package org.heliograph.interop.peer;

import java.io.IOException;
import java.util.EnumSet;
import org.heliograph.interop.lab.JanusServer;
import org.heliograph.interop.peer.Call.Offerer;

/** A WebRTC implementation that is not this project's. */
enum RemoteStack {
  CHROMIUM("Chromium") {
    @Override
    RemotePeer start() throws IOException {
      return BrowserPeer.chromium();
    }
  },

  FIREFOX("Firefox") {
    @Override
    RemotePeer start() throws IOException {
      return BrowserPeer.firefox();
    }
  },

  LIBWEBRTC("libwebrtc") {
    @Override
    RemotePeer start() throws IOException {
      return new LibwebrtcPeer();
    }
  },

  PION("Pion") {
    @Override
    RemotePeer start() throws IOException {
      return new PionPeer();
    }

    @Override
    String whyNot() {
      return PionPeer.whyNot();
    }

    @Override
    String whyLeftOut(Scenario scenario, Offerer offerer) {
      return switch (scenario) {
        case HOLD -> "its transceivers have no direction that could be set";
        case HOLD_BY_US -> "an offer of a=inactive stops its transceiver for good";
        default -> super.whyLeftOut(scenario, offerer);
      };
    }
  },

  /** An ICE-lite peer never checks a path by itself (RFC 8445 2.5). */
  PION_LITE("Pion ICE-lite") {
    @Override
    RemotePeer start() throws IOException {
      PionPeer peer = new PionPeer();
      peer.becomeLite();
      return peer;
    }

    @Override
    String whyNot() {
      return PionPeer.whyNot();
    }

    @Override
    String whyLeftOut(Scenario scenario, Offerer offerer) {
      return EnumSet.of(Scenario.BOTH, Scenario.RENEGOTIATION, Scenario.DATA_CHANNEL)
              .contains(scenario)
          ? ""
          : "differs from Pion in its checks alone";
    }
  },

  /** Has no candidates but passive TCP ones (RFC 6544), so that this side must open connections. */
  PION_TCP("Pion ICE-TCP") {
    @Override
    RemotePeer start() throws IOException {
      PionPeer peer = new PionPeer();
      peer.becomeReachableOverTcpAlone();
      return peer;
    }

    @Override
    String whyNot() {
      return PionPeer.whyNot();
    }

    @Override
    String whyLeftOut(Scenario scenario, Offerer offerer) {
      return EnumSet.of(Scenario.BOTH, Scenario.RESTART, Scenario.DATA_CHANNEL).contains(scenario)
          ? ""
          : "differs from Pion in its path alone";
    }
  },

  AIORTC("aiortc") {
    @Override
    RemotePeer start() {
      return new AiortcPeer();
    }

    @Override
    String whyNot() {
      return AiortcPeer.whyNot();
    }

    @Override
    String whyLeftOut(Scenario scenario, Offerer offerer) {
      return switch (scenario) {
        case RESTART -> "it has no ICE restart";
        case RENEGOTIATION_BY_ANSWERER, HOLD ->
            // Otherwise its first offer numbers them.
            offerer == Offerer.WE
                ? "its offer after an answer numbers payload types anew, and it goes on to send"
                    + " under the old ones"
                : super.whyLeftOut(scenario, offerer);
        default -> super.whyLeftOut(scenario, offerer);
      };
    }
  },

  JANUS_ECHO("Janus echo test") {
    @Override
    RemotePeer start() {
      return new JanusEchoPeer();
    }

    @Override
    String whyNot() {
      return JanusServer.whyNot();
    }

    @Override
    String whyLeftOut(Scenario scenario, Offerer offerer) {
      if (offerer == Offerer.REMOTE) {
        return "it never offers";
      }
      return switch (scenario) {
        case RENEGOTIATION_BY_ANSWERER, HOLD -> "it never offers";
        case RELAY_UDP, RELAY_TCP, RELAY_TLS -> NO_LOOPBACK;
        case DATA_CHANNEL -> "it writes something before each message that it sends back";
        default -> super.whyLeftOut(scenario, offerer);
      };
    }
  },

  /** This side publishes, and somebody else watches it. */
  JANUS_PUBLISHED_TO("Janus room, published to") {
    @Override
    RemotePeer start() {
      return new JanusPublishedTo();
    }

    @Override
    String whyNot() {
      return JanusServer.whyNot();
    }

    @Override
    String whyLeftOut(Scenario scenario, Offerer offerer) {
      if (offerer == Offerer.REMOTE) {
        return "it never offers to who publishes";
      }
      return switch (scenario) {
        case HOLD -> "it never offers to who publishes";
        case RENEGOTIATION, RENEGOTIATION_BY_ANSWERER, RESTART -> AS_ECHO_TEST;
        case RELAY_UDP, RELAY_TCP, RELAY_TLS -> NO_LOOPBACK;
        case DATA_CHANNEL -> "its data channels carry messages of the plugin's own";
        case SECOND_VIEWER -> "";
        default -> super.whyLeftOut(scenario, offerer);
      };
    }
  },

  /** This side watches somebody else. */
  JANUS_WATCHED("Janus room, watched") {
    @Override
    RemotePeer start() {
      return new JanusWatched();
    }

    @Override
    String whyNot() {
      return JanusServer.whyNot();
    }

    @Override
    String whyLeftOut(Scenario scenario, Offerer offerer) {
      if (offerer == Offerer.WE) {
        return "who watches never offers";
      }
      return switch (scenario) {
        case HOLD_BY_US -> "who watches never offers";
        case HOLD -> "who watches asks the plugin to pause, not by a description";
        case RENEGOTIATION, RENEGOTIATION_BY_ANSWERER, RESTART -> AS_ECHO_TEST;
        case RELAY_UDP, RELAY_TCP, RELAY_TLS -> NO_LOOPBACK;
        case DATA_CHANNEL -> "its data channels carry messages of the plugin's own";
        case SECOND_VIEWER -> "";
        default -> super.whyLeftOut(scenario, offerer);
      };
    }
  };

  private static final String NO_LOOPBACK =
      "it takes no loopback address, and the run's relay has no other";

  private static final String AS_ECHO_TEST = "the same of Janus as in the echo test";

  private final String title;

  RemoteStack(String title) {
    this.title = title;
  }

  abstract RemotePeer start() throws IOException;

  /** Why it cannot be had on this machine; empty where it can. */
  String whyNot() {
    return "";
  }

  /** Why a scenario is not played with it; empty where it is. */
  String whyLeftOut(Scenario scenario, Offerer offerer) {
    return scenario == Scenario.SECOND_VIEWER ? "a connection has one viewer" : "";
  }

  @Override
  public String toString() {
    return title;
  }
}
