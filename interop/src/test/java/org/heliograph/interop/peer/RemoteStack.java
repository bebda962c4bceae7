package org.heliograph.interop.peer;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;

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

    // A Pion transceiver has no direction that could be set.
    @Override
    Set<Scenario> scenarios() {
      return EnumSet.complementOf(EnumSet.of(Scenario.HOLD));
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

    // The rest is Pion's as it is.
    @Override
    Set<Scenario> scenarios() {
      return EnumSet.of(Scenario.BOTH, Scenario.RENEGOTIATION, Scenario.DATA_CHANNEL);
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
    Set<Scenario> scenarios() {
      return EnumSet.of(Scenario.BOTH, Scenario.RESTART, Scenario.DATA_CHANNEL);
    }
  };

  private final String title;

  RemoteStack(String title) {
    this.title = title;
  }

  abstract RemotePeer start() throws IOException;

  /** Why it cannot be had on this machine; empty where it can. */
  String whyNot() {
    return "";
  }

  /** What is played with it. */
  Set<Scenario> scenarios() {
    return EnumSet.allOf(Scenario.class);
  }

  @Override
  public String toString() {
    return title;
  }
}
