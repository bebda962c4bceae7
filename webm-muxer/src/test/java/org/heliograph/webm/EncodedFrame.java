package org.heliograph.webm;

import java.nio.ByteBuffer;

/** A frame of a test's input. */
record EncodedFrame(long timeNanos, boolean key, ByteBuffer payload) {}
