import { createHash } from 'node:crypto';

/**
 * The server's side of RFC 6455, as far as a test needs it: text and binary messages, close, no
 * extensions, no fragments.
 */
export class WebSocketConnection {
  #socket;
  #received = Buffer.alloc(0);
  #closed = false;
  /** @type {(text: string) => void} */
  onText = () => {};
  onClose = () => {};

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:stream').Duplex} socket
   */
  constructor(request, socket) {
    this.#socket = socket;
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#closed = true;
      this.onClose();
    });
  }

  /** @param {unknown} message an object goes out as JSON, bytes as a binary message */
  send(message) {
    const binary = message instanceof Uint8Array;
    this.#write(binary ? 2 : 1, binary ? message : Buffer.from(JSON.stringify(message)));
  }

  /** @param {number} code */
  close(code) {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.#write(8, payload);
    this.#socket.end();
  }

  /** As when the network goes: no closing handshake. */
  destroy() {
    this.#socket.destroy();
  }

  /**
   * @param {number} opcode
   * @param {Uint8Array} payload
   */
  #write(opcode, payload) {
    if (this.#closed) return;
    const { length } = payload;
    const lengthBytes = length < 126 ? 0 : length < 0x10000 ? 2 : 8;
    const header = Buffer.alloc(2 + lengthBytes);
    header[0] = 0x80 | opcode;
    header[1] = lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127;
    if (lengthBytes === 2) header.writeUInt16BE(length, 2);
    if (lengthBytes === 8) header.writeBigUInt64BE(BigInt(length), 2);
    this.#socket.write(Buffer.concat([header, payload]));
  }

  /** @param {Buffer} bytes */
  #receive(bytes) {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (;;) {
      const buffer = this.#received;
      if (buffer.length < 2) return;
      const short = buffer[1] & 0x7f;
      // A page sends control messages only: none needs a length of 64 bits.
      const lengthBytes = short === 126 ? 2 : 0;
      const headerLength = 2 + lengthBytes + 4;
      if (buffer.length < headerLength) return;
      const length = lengthBytes === 0 ? short : buffer.readUInt16BE(2);
      if (buffer.length < headerLength + length) return;
      const mask = buffer.subarray(headerLength - 4, headerLength);
      const payload = Buffer.from(buffer.subarray(headerLength, headerLength + length));
      for (let i = 0; i < payload.length; i++) payload[i] ^= mask[i % 4];
      this.#received = buffer.subarray(headerLength + length);
      const opcode = buffer[0] & 0x0f;
      if (opcode === 1) this.onText(payload.toString());
      if (opcode === 8) this.#socket.end();
    }
  }
}
