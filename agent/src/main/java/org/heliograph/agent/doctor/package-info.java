/** {@code heliograph doctor}: what a user needs to know when something does not work. */
package org.heliograph.agent.doctor;
