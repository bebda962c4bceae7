/** Received media on its way into the page: WebSocket and progressive HTTP, WebM and frames. */
package org.heliograph.relay;
