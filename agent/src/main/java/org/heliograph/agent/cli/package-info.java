/** The commands, for people and for programs (docs/command-line.md). */
package org.heliograph.agent.cli;
