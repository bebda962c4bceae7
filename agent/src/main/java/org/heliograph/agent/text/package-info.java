/** Text that others have written, made fit to be kept, logged and shown. */
package org.heliograph.agent.text;
