import { HeliographError } from './heliograph-error.js';

/**
 * How large a picture may be that is decoded and shown. A few hundred kilobytes can describe one that
 * takes gigabytes. The agent keeps larger ones back (docs/media-protocol.md); this is for whatever else
 * may answer at its address.
 */
export const MAX_PICTURE_PIXELS = 4096 * 4096;
/** The longest side that VP8 has. */
export const MAX_PICTURE_SIDE = 16_383;

/**
 * @param {number | undefined} width in pixels; undefined where it is not said
 * @param {number | undefined} height
 */
export function fitsPage(width = 1, height = 1) {
  const sides = [width, height];
  return (
    sides.every((side) => Number.isInteger(side) && side >= 1 && side <= MAX_PICTURE_SIDE) &&
    width * height <= MAX_PICTURE_PIXELS
  );
}

/**
 * @param {number | undefined} width
 * @param {number | undefined} height
 */
export function tooLarge(width, height) {
  const words = `A picture of ${Number(width)}×${Number(height)} pixels is not shown.`;
  return new HeliographError('picture_too_large', words, {
    hint: 'At most 4096×4096 is, or as many pixels of another shape.',
    fatal: false,
  });
}
