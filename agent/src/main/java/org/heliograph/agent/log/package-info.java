/**
 * The log: java.util.logging, set up for a terminal, the journal or a file (docs/life-cycle.md).
 */
package org.heliograph.agent.log;
