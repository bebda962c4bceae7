/** Text that others have written, read strictly, made fit to be kept, logged and shown. */
package org.heliograph.text;
