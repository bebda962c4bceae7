/** How many streams one agent relays: real calls into one agent, drained by many pages. */
package org.heliograph.bench.capacity;
