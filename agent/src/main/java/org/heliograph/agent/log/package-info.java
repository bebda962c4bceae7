/** The log: an SLF4J provider of the agent's own, whose level can change while it runs. */
package org.heliograph.agent.log;
