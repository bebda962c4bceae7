/**
 * How the agent comes and goes: one instance per user, when it is used and when it leaves, and how
 * a changed configuration reaches it (docs/life-cycle.md).
 */
package org.heliograph.agent.life;
