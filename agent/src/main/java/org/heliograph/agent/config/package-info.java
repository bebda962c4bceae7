/** The configuration: its keys, where they are read from, and what they say. */
package org.heliograph.agent.config;
