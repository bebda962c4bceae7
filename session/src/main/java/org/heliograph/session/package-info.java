/** What calls, rooms and pages share: tracks, and the connections that they go through. */
package org.heliograph.session;
