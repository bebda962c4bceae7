/**
 * The agent's two listeners: the API with the demo page, and the rendezvous with the other side's.
 */
package org.heliograph.agent.http;
