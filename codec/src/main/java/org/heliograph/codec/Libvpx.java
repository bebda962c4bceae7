package org.heliograph.codec;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Map;
import org.heliograph.session.CodecException;

/**
 * The functions of libvpx that a VP8 encoder needs, and the layout of their structures.
 *
 * <p>{@code vpx_codec_enc_cfg_t} belongs to an encoder ABI, which goes up when fields are added.
 * The fields used here have kept their place from ABI 25 (libvpx 1.12) to ABI 39 (1.17); {@link
 * #load()} accepts a library only after it has seen that its ABI is one of these and that the
 * default configuration has its known values at these places.
 */
final class Libvpx {
  static final int CODEC_OK = 0;
  private static final int CODEC_ABI_MISMATCH = 3;

  /** vpx_enc_frame_flags_t: VPX_EFLAG_FORCE_KF. */
  static final long FORCE_KEY_FRAME = 1;

  /** The deadline VPX_DL_REALTIME. */
  static final long REALTIME = 1;

  static final int IMAGE_I420 = 0x102;
  static final int PACKET_KIND_FRAME = 0;
  static final int FRAME_IS_KEY = 1;

  /** Control ids of {@code vp8e_enc_control_id}. */
  static final int SET_CPU_USED = 13;

  static final int SET_STATIC_THRESHOLD = 17;
  static final int SET_TOKEN_PARTITIONS = 18;
  static final int SET_MAX_INTRA_BITRATE_PERCENT = 26;

  /** Offsets in {@code vpx_codec_enc_cfg_t}. */
  static final long THREADS = 4;

  static final long WIDTH = 12;
  static final long HEIGHT = 16;
  static final long TIME_BASE_NUMERATOR = 28;
  static final long TIME_BASE_DENOMINATOR = 32;
  static final long ERROR_RESILIENT = 36;
  static final long PASS = 40;
  static final long LAG_IN_FRAMES = 44;
  static final long DROP_FRAME_THRESHOLD = 48;
  static final long RESIZE_ALLOWED = 52;
  static final long RATE_CONTROL = 72;
  static final long TARGET_KILOBITS_PER_SECOND = 112;
  static final long MIN_QUANTIZER = 116;
  static final long MAX_QUANTIZER = 120;
  static final long UNDERSHOOT_PERCENT = 124;
  static final long OVERSHOOT_PERCENT = 128;
  static final long BUFFER_MILLIS = 132;
  static final long BUFFER_INITIAL_MILLIS = 136;
  static final long BUFFER_OPTIMAL_MILLIS = 140;
  static final long KEY_FRAME_MODE = 160;
  static final long KEY_FRAME_MAX_DISTANCE = 168;

  /** Offsets in {@code vpx_codec_cx_pkt_t}. */
  static final long PACKET_KIND = 0;

  static final long PACKET_DATA = 8;
  static final long PACKET_SIZE = 16;
  static final long PACKET_FLAGS = 40;

  /** Offset of the first stride in {@code vpx_image_t}. */
  static final long IMAGE_STRIDE = 80;

  /** More than any known version needs: 504, 56 and 136 bytes. */
  static final long CONFIG_BYTES = 2048;

  static final long CONTEXT_BYTES = 256;
  static final long IMAGE_BYTES = 512;

  private static final int FIRST_KNOWN_ABI = 25;
  private static final int LAST_KNOWN_ABI = 39;

  /** The soname that holds each known ABI, newest first. */
  private static final List<String> SONAMES =
      List.of("libvpx.so.12", "libvpx.so.11", "libvpx.so.9", "libvpx.so.8", "libvpx.so.7");

  private static final String PACKAGES =
      "libvpx9 (Debian 13, Ubuntu 24.04 and newer) or libvpx7 (Debian 12, Ubuntu 22.04)";

  /** What {@code vpx_codec_enc_config_default} gives for VP8, by offset. */
  private static final Map<Long, Integer> DEFAULTS =
      Map.ofEntries(
          Map.entry(WIDTH, 320),
          Map.entry(HEIGHT, 240),
          Map.entry(TIME_BASE_NUMERATOR, 1),
          Map.entry(TIME_BASE_DENOMINATOR, 30),
          Map.entry(ERROR_RESILIENT, 0),
          Map.entry(PASS, 0),
          Map.entry(LAG_IN_FRAMES, 0),
          Map.entry(DROP_FRAME_THRESHOLD, 0),
          Map.entry(RATE_CONTROL, 0),
          Map.entry(TARGET_KILOBITS_PER_SECOND, 256),
          Map.entry(MIN_QUANTIZER, 4),
          Map.entry(MAX_QUANTIZER, 63),
          Map.entry(UNDERSHOOT_PERCENT, 100),
          Map.entry(OVERSHOOT_PERCENT, 100),
          Map.entry(BUFFER_MILLIS, 6000),
          Map.entry(BUFFER_INITIAL_MILLIS, 4000),
          Map.entry(BUFFER_OPTIMAL_MILLIS, 5000),
          Map.entry(KEY_FRAME_MODE, 1),
          Map.entry(KEY_FRAME_MAX_DISTANCE, 128));

  private static Libvpx loaded;

  final MethodHandle configDefault;
  final MethodHandle initVersion;
  final MethodHandle configSet;
  final MethodHandle control;
  final MethodHandle encode;
  final MethodHandle getPackets;
  final MethodHandle destroy;
  final MethodHandle wrapImage;
  final MemorySegment vp8;
  final int abi;
  private final String version;
  private final MethodHandle errorToString;

  private Libvpx(NativeLibrary library) throws CodecException {
    configDefault =
        library.function(
            "vpx_codec_enc_config_default",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    initVersion =
        library.function(
            "vpx_codec_enc_init_ver",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT));
    configSet =
        library.function(
            "vpx_codec_enc_config_set", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
    control =
        library.function(
            "vpx_codec_control_",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
            Linker.Option.firstVariadicArg(2));
    encode =
        library.function(
            "vpx_codec_encode",
            FunctionDescriptor.of(
                JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    getPackets =
        library.function("vpx_codec_get_cx_data", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));
    destroy = library.function("vpx_codec_destroy", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    wrapImage =
        library.function(
            "vpx_img_wrap",
            FunctionDescriptor.of(
                ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    errorToString =
        library.function("vpx_codec_err_to_string", FunctionDescriptor.of(ADDRESS, JAVA_INT));
    MethodHandle vp8Interface =
        library.function("vpx_codec_vp8_cx", FunctionDescriptor.of(ADDRESS));
    MethodHandle versionString =
        library.function("vpx_codec_version_str", FunctionDescriptor.of(ADDRESS));
    try {
      vp8 = (MemorySegment) vp8Interface.invokeExact();
      MemorySegment text = (MemorySegment) versionString.invokeExact();
      version = text.reinterpret(256).getString(0);
    } catch (Throwable thrown) {
      throw NativeLibrary.unexpected(thrown);
    }
    requireKnownDefaults(library.soname());
    abi = findAbi(library.soname());
  }

  /**
   * The library, checked.
   *
   * @throws CodecException if it is missing or its layout is not known to us
   */
  static synchronized Libvpx load() throws CodecException {
    if (loaded == null) {
      loaded = new Libvpx(NativeLibrary.load("libvpx, the VP8 encoder,", SONAMES, PACKAGES));
    }
    return loaded;
  }

  /** The library's name and version. */
  String version() {
    return "libvpx " + version + ", encoder ABI " + abi;
  }

  /** What an error code of libvpx means. */
  String describe(int error) {
    try {
      MemorySegment text = (MemorySegment) errorToString.invokeExact(error);
      return text.reinterpret(256).getString(0);
    } catch (Throwable thrown) {
      throw NativeLibrary.unexpected(thrown);
    }
  }

  private void requireKnownDefaults(String soname) throws CodecException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment config = arena.allocate(CONFIG_BYTES, 8);
      int result = (int) configDefault.invokeExact(vp8, config, 0);
      boolean known =
          result == CODEC_OK
              && DEFAULTS.entrySet().stream()
                  .allMatch(field -> config.get(JAVA_INT, field.getKey()) == field.getValue());
      if (!known) {
        throw new CodecException(
            soname + " (" + version + ") lays out its encoder configuration in an unknown way");
      }
    } catch (CodecException e) {
      throw e;
    } catch (Throwable thrown) {
      throw NativeLibrary.unexpected(thrown);
    }
  }

  /** A library takes its own ABI and every older one, so its own is the newest that it takes. */
  private int findAbi(String soname) throws CodecException {
    if (accepts(LAST_KNOWN_ABI + 1)) {
      throw new CodecException(
          "%s (%s) has a newer encoder ABI than the known %d to %d"
              .formatted(soname, version, FIRST_KNOWN_ABI, LAST_KNOWN_ABI));
    }
    for (int candidate = LAST_KNOWN_ABI; candidate >= FIRST_KNOWN_ABI; candidate--) {
      if (accepts(candidate)) {
        return candidate;
      }
    }
    throw new CodecException(
        "%s (%s) has an older encoder ABI than the known %d to %d"
            .formatted(soname, version, FIRST_KNOWN_ABI, LAST_KNOWN_ABI));
  }

  private boolean accepts(int candidate) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment config = arena.allocate(CONFIG_BYTES, 8);
      MemorySegment context = arena.allocate(CONTEXT_BYTES, 8);
      int defaults = (int) configDefault.invokeExact(vp8, config, 0);
      int result = (int) initVersion.invokeExact(context, vp8, config, 0L, candidate);
      if (defaults == CODEC_OK && result == CODEC_OK) {
        int _ = (int) destroy.invokeExact(context);
      }
      return result != CODEC_ABI_MISMATCH;
    } catch (Throwable thrown) {
      throw NativeLibrary.unexpected(thrown);
    }
  }
}
