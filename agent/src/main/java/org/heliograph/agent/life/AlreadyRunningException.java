package org.heliograph.agent.life;

import java.io.IOException;
import java.io.Serial;

/** Another agent of the user's runs already. */
public final class AlreadyRunningException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final transient AddressFile.Address address;

  AlreadyRunningException(AddressFile.Address address) {
    super(
        "Another agent of yours runs at "
            + address.url()
            + ". Use it, stop it with \"heliograph stop\", or give this one a file of its own with"
            + " --api-address-file.");
    this.address = address;
  }

  /** Where it is. */
  public AddressFile.Address address() {
    return address;
  }
}
