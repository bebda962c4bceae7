/** Data channels between this project's connection and those of browsers and of libwebrtc. */
package org.heliograph.interop.data;
