/** The daemon. */
package org.heliograph.agent;
