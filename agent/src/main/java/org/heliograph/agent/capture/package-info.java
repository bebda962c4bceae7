/** Cameras and microphones, real and made up, as encoded tracks. */
package org.heliograph.agent.capture;
