package org.heliograph.codec;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.heliograph.session.CodecException;

/** The functions of libopus that are used here (opus.h). */
final class Libopus {
  private static Libopus loaded;

  final MethodHandle createEncoder;
  final MethodHandle control;
  final MethodHandle encode;
  final MethodHandle createDecoder;
  final MethodHandle decode;
  final String version;
  private final MethodHandle destroyEncoder;
  private final MethodHandle destroyDecoder;
  private final MethodHandle errorToString;

  private Libopus(NativeLibrary library) throws CodecException {
    createEncoder =
        library.function(
            "opus_encoder_create",
            FunctionDescriptor.of(ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    control =
        library.function(
            "opus_encoder_ctl",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
            Linker.Option.firstVariadicArg(2));
    encode =
        library.function(
            "opus_encode",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT));
    destroyEncoder = library.function("opus_encoder_destroy", FunctionDescriptor.ofVoid(ADDRESS));
    createDecoder =
        library.function(
            "opus_decoder_create", FunctionDescriptor.of(ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));
    decode =
        library.function(
            "opus_decode",
            FunctionDescriptor.of(
                JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    destroyDecoder = library.function("opus_decoder_destroy", FunctionDescriptor.ofVoid(ADDRESS));
    errorToString = library.function("opus_strerror", FunctionDescriptor.of(ADDRESS, JAVA_INT));
    MethodHandle versionString =
        library.function("opus_get_version_string", FunctionDescriptor.of(ADDRESS));
    try {
      MemorySegment text = (MemorySegment) versionString.invokeExact();
      version = text.reinterpret(256).getString(0);
    } catch (Throwable thrown) {
      throw NativeLibrary.unexpected(thrown);
    }
  }

  static synchronized Libopus load() throws CodecException {
    if (loaded == null) {
      loaded =
          new Libopus(
              NativeLibrary.load(
                  "libopus, which encodes and decodes Opus,", List.of("libopus.so.0"), "libopus0"));
    }
    return loaded;
  }

  void destroyEncoder(MemorySegment encoder) {
    try {
      destroyEncoder.invokeExact(encoder);
    } catch (Throwable thrown) {
      throw NativeLibrary.unexpected(thrown);
    }
  }

  void destroyDecoder(MemorySegment decoder) {
    try {
      destroyDecoder.invokeExact(decoder);
    } catch (Throwable thrown) {
      throw NativeLibrary.unexpected(thrown);
    }
  }

  /**
   * @param result 0, or an error's number
   */
  void check(String action, int result) throws CodecException {
    if (result != 0) {
      throw new CodecException("libopus could not %s: %s".formatted(action, describe(result)));
    }
  }

  private String describe(int error) {
    try {
      MemorySegment text = (MemorySegment) errorToString.invokeExact(error);
      return text.reinterpret(256).getString(0);
    } catch (Throwable thrown) {
      throw NativeLibrary.unexpected(thrown);
    }
  }
}
