/** Benchmarks, each beside a peer doing the same work. */
package org.heliograph.bench;
