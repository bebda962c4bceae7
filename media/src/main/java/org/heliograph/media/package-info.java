/**
 * Cameras, microphones and media files as encoded tracks, and FFmpeg's encoders where the codecs'
 * libraries are missing.
 */
package org.heliograph.media;
