/** What the muxer writes, in the players that it is written for. */
package org.heliograph.interop.webm;
