/** End-to-end measurements with real browsers and webviews; bench/run starts them. */
package org.heliograph.interop.bench;
