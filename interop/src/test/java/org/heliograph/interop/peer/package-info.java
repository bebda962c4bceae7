/** The {@code PeerConnection} against PeerConnections that no one here wrote. */
package org.heliograph.interop.peer;
