package org.heliograph.record;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.util.List;

/** Where one recording goes: a file, and further ones where it has to go on in another. */
public interface RecordingFiles {
  /** Makes the next file; the first one was made with this. */
  SeekableByteChannel next() throws IOException;

  /**
   * The paths of the files so far, in order, the last one's as of the last look; those that stayed
   * empty or were removed are left out at the end.
   */
  List<String> paths();

  /**
   * Finds out what the file that is written is called by now.
   *
   * @throws RecordingException if it was removed
   */
  void look() throws IOException;

  /** How many bytes may still be written before the disk counts as full. */
  long roomBytes() throws IOException;

  /** Has the disk keep what was written, for the case of a power cut. */
  void force() throws IOException;

  /** The recording is over: deletes a file that stayed empty. Comes once. */
  void close() throws IOException;
}
