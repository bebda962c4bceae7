/** The packaged program as its users have it: how it comes and goes, and its commands. */
package org.heliograph.interop.life;
