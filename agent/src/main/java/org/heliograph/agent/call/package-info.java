/** Calls: their states, their media, and who may do what when. */
package org.heliograph.agent.call;
