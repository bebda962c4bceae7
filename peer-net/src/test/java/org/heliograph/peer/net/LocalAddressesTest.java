package org.heliograph.peer.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class LocalAddressesTest {
  @Test
  void loopbackIsThereOnlyWhenWanted() throws Exception {
    assertThat(LocalAddresses.find(false)).noneMatch(InetAddress::isLoopbackAddress);
    assertThat(LocalAddresses.find(true)).anyMatch(InetAddress::isLoopbackAddress);
  }

  @Test
  void noAddressIsOneThatAnotherMachineCouldNotSendTo() throws Exception {
    assertThat(LocalAddresses.find(true))
        .noneMatch(InetAddress::isAnyLocalAddress)
        .noneMatch(InetAddress::isLinkLocalAddress)
        .noneMatch(InetAddress::isMulticastAddress)
        .hasSizeLessThanOrEqualTo(LocalAddresses.MAX_ADDRESSES)
        .doesNotHaveDuplicates();
  }
}
