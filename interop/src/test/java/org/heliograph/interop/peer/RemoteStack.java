package org.heliograph.interop.peer;

import java.io.IOException;

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

  @Override
  public String toString() {
    return title;
  }
}
