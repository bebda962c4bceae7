/** A camera for benchmarks, in the package where cameras are made. */
package org.heliograph.agent.capture;
