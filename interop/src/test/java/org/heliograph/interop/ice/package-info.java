/** ICE and STUN against servers that others wrote. */
package org.heliograph.interop.ice;
