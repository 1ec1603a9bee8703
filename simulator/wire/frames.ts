/** Frames on a byte stream: 3 bytes of length (big endian), then the body. A client's first bytes are the prologue. */

/** `WA`, then the protocol's and the dictionary's version. */
const prologueLength = 4;
/** `ED`, two bytes of version, three bytes of length, in front of the routing info. */
const routingHeaderLength = 7;
const frameHeaderLength = 3;

/** The body with its length in front. */
export function frame(body: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(frameHeaderLength + body.byteLength);
  framed.writeUIntBE(body.byteLength, 0, frameHeaderLength);
  framed.set(body, frameHeaderLength);
  return framed;
}

/** Cuts what a client sends into its prologue and its frames, however the bytes are glued together or split. */
export class FrameReader {
  #buffered: Buffer = Buffer.alloc(0);
  #prologue: Buffer | undefined;

  /** The 4 bytes the client began with, without routing info; `undefined` until they are there. */
  get prologue(): Buffer | undefined {
    return this.#prologue;
  }

  /** The frames that these bytes complete. Throws when the stream does not begin as WhatsApp's does. */
  push(bytes: Uint8Array): Buffer[] {
    this.#buffered =
      this.#buffered.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#buffered, bytes]);
    this.#prologue ??= this.#readPrologue();
    if (this.#prologue === undefined) return [];

    const frames: Buffer[] = [];
    for (let body = this.#takeFrame(); body !== undefined; body = this.#takeFrame()) frames.push(body);
    return frames;
  }

  #takeFrame(): Buffer | undefined {
    if (this.#buffered.length < frameHeaderLength) return undefined;
    const end = frameHeaderLength + this.#buffered.readUIntBE(0, frameHeaderLength);
    return this.#buffered.length < end ? undefined : this.#take(end).subarray(frameHeaderLength);
  }

  #readPrologue(): Buffer | undefined {
    if (this.#buffered.length < prologueLength) return undefined;
    // Routing info is not part of the handshake's transcript; Baileys sends what it once got in <edge_routing>.
    if (this.#buffered.toString('latin1', 0, 2) === 'ED') {
      if (this.#buffered.length < routingHeaderLength) return undefined;
      const end = routingHeaderLength + this.#buffered.readUIntBE(4, 3);
      if (this.#buffered.length < end + prologueLength) return undefined;
      this.#take(end);
    }
    if (this.#buffered.toString('latin1', 0, 2) !== 'WA')
      throw new Error('Not a WhatsApp client: no prologue');
    return this.#take(prologueLength);
  }

  #take(length: number): Buffer {
    const taken = this.#buffered.subarray(0, length);
    this.#buffered = this.#buffered.subarray(length);
    return taken;
  }
}
