package org.heliograph.agent.config;

import java.io.Serial;

/** The configuration is wrong; the message says where, what, and what would be right. */
public final class ConfigException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  public ConfigException(String message) {
    super(message);
  }

  public ConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
