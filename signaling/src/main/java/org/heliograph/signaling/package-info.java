/** How a call's envelopes reach the other side: the envelopes, the signalers, the rendezvous. */
package org.heliograph.signaling;
