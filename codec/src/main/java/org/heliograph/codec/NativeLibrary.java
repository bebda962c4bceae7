package org.heliograph.codec;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.heliograph.session.CodecException;

/** A shared library of the system, found by the first of its sonames that is there. */
public final class NativeLibrary {
  private final String soname;
  private final SymbolLookup symbols;

  private NativeLibrary(String soname, SymbolLookup symbols) {
    this.soname = soname;
    this.symbols = symbols;
  }

  /**
   * Loads the library, for the life of the process.
   *
   * @param name what it is called in the error message
   * @param packages what to install when none of the sonames is there
   */
  public static NativeLibrary load(String name, List<String> sonames, String packages)
      throws CodecException {
    for (String soname : sonames) {
      try {
        return new NativeLibrary(soname, SymbolLookup.libraryLookup(soname, Arena.global()));
      } catch (IllegalArgumentException notThere) {
        // The next one may be.
      }
    }
    throw new CodecException(
        "%s was not found (tried %s). Install the package %s."
            .formatted(name, String.join(", ", sonames), packages));
  }

  String soname() {
    return soname;
  }

  MethodHandle function(String name, FunctionDescriptor signature, Linker.Option... options)
      throws CodecException {
    MemorySegment address =
        symbols
            .find(name)
            .orElseThrow(() -> new CodecException(soname + " has no function " + name));
    return Linker.nativeLinker().downcallHandle(address, signature, options);
  }

  /** What a downcall's {@code Throwable} can only be: our own mistake. */
  static IllegalStateException unexpected(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("a native call failed", thrown);
  }
}
