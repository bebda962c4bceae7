/** The agent with a camera and a microphone of the machine's own, in the device lab. */
package org.heliograph.interop.devices;
