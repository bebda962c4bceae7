/**
 * What the tests run against: browsers, a webview, a screen, a sound server, a machine with a
 * camera.
 */
package org.heliograph.interop.lab;
