/** The examples of apps, driven from outside, as a person drives them. */
package org.heliograph.interop.apps;
