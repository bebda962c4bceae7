/**
 * PeerConnections to pages on this machine whose engine has {@code RTCPeerConnection}: what a call
 * receives is forwarded to them packet by packet.
 */
package org.heliograph.agent.loopback;
