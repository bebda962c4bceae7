/** The packets of a call as a capture file, for Wireshark. */
package org.heliograph.peer.pcap;
