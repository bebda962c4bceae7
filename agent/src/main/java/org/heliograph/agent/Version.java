package org.heliograph.agent;

import java.util.Optional;

/** The version of this build. */
public final class Version {
  /** As Maven wrote it into the jar; {@code development} when run from classes. */
  public static final String VERSION =
      Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
          .orElse("development");

  private Version() {}
}
