/** What is logged of the other side's doing, which may do the same again and again. */
package org.heliograph.peer.log;
