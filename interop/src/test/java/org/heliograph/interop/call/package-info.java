/** Whole calls: a browser or another WebRTC stack, the agent, and a real webview. */
package org.heliograph.interop.call;
