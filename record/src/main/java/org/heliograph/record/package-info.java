/** Recording: what both sides of a call send, in one WebM file (docs/recording.md). */
package org.heliograph.record;
