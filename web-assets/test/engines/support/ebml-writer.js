/** Just enough EBML to hand a recorded WebM out live, one cluster for each packet. */

/**
 * @param {number} id
 * @param {...Uint8Array} parts
 */
export function element(id, ...parts) {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([idBytes(id), sizeBytes(length), ...parts]);
}

/** @param {number} id */
export function idBytes(id) {
  const hex = id.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}

/** @param {number} length */
function sizeBytes(length) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE((1n << 56n) | BigInt(length));
  return bytes;
}

/** @param {number} value */
export function unsigned(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
