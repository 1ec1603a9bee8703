/** One client's WebSocket: handshake, then stanzas in both directions, each direction in order. */
import { decodeBinaryNode, encodeBinaryNode, type KeyPair } from 'baileys';
import type { WebSocket } from 'ws';
import type { BinaryNode } from '../stanza.ts';
import type { DeviceLink } from '../world.ts';
import { FrameReader, frame } from './frames.ts';
import { type Handshaken, NoiseHandshake, type Transport } from './noise.ts';

/** Who talks on a connection once the handshake is done. */
export interface Party {
  /** Takes the client's next stanza; the one after it waits until this resolves. */
  receive(stanza: BinaryNode): void | Promise<void>;
  /** The connection is over, from whichever side. */
  closed(): void;
}

/** What a client showed in its handshake. */
export type Introduction = Pick<Handshaken, 'noiseKey' | 'payload'>;

interface ConnectionOptions {
  readonly socket: WebSocket;
  readonly staticKey: KeyPair;
  readonly certificate: Uint8Array;
  /** `false` leaves the client's hello without an answer. */
  readonly answersHandshake: boolean;
  /** Decides who the client talks to; called once, when the handshake is done. */
  readonly introduce: (connection: Connection, introduction: Introduction) => Party;
  /** The simulator's own mistake, not the client's; it has cost the client its connection. */
  readonly onError: (error: unknown) => void;
}

export class Connection implements DeviceLink {
  readonly #options: ConnectionOptions;
  readonly #socket: WebSocket;
  readonly #reader = new FrameReader();
  readonly #lateStanzas = new Set<NodeJS.Timeout>();
  #handshake: NoiseHandshake | undefined;
  #transport: Transport | undefined;
  #party: Party | undefined;
  /** The end of the line of what waits to be dealt with: the introduction, stanzas, the end. */
  #line = Promise.resolve();
  /** The connection was ended from this side. */
  #hungUp = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.#socket.on('message', (data: Buffer) => this.#receive(data));
    this.#socket.once('close', () => this.#close());
    // A client that breaks off or sends broken WebSocket frames; `close` follows.
    this.#socket.on('error', () => undefined);
  }

  /** Sends a stanza; what is sent on a closed connection is lost, as on a real one. */
  send(stanza: BinaryNode): void {
    if (this.#socket.readyState !== this.#socket.OPEN || !this.#transport) return;
    this.#socket.send(frame(this.#transport.encrypt(encodeBinaryNode(stanza))));
  }

  /** Sends a stanza after a pause, if the connection is still open then. */
  sendLater(stanza: BinaryNode, delayMs: number): void {
    const timer = setTimeout(() => {
      this.#lateStanzas.delete(timer);
      this.send(stanza);
    }, delayMs);
    this.#lateStanzas.add(timer);
  }

  end(...lastWords: BinaryNode[]): void {
    for (const stanza of lastWords) this.send(stanza);
    this.#hungUp = true;
    this.#socket.close();
  }

  /** Breaks off without a word. */
  terminate(): void {
    this.#hungUp = true;
    this.#socket.terminate();
  }

  #receive(data: Buffer): void {
    try {
      for (const body of this.#reader.push(data)) this.#receiveFrame(body);
    } catch {
      // No handshake of ours, or a frame that does not decrypt.
      this.terminate();
    }
  }

  #receiveFrame(body: Buffer): void {
    if (this.#transport) {
      const plaintext = this.#transport.decrypt(body);
      this.#enqueue(() => this.#handOver(plaintext));
    } else if (this.#handshake) {
      const { transport, ...introduction } = this.#handshake.finish(body);
      this.#transport = transport;
      this.#enqueue(() => {
        this.#party = this.#options.introduce(this, introduction);
      });
    } else if (this.#options.answersHandshake) {
      const { staticKey, certificate } = this.#options;
      const prologue = this.#reader.prologue ?? Buffer.alloc(0);
      this.#handshake = new NoiseHandshake({ staticKey, certificate, prologue });
      this.#socket.send(frame(this.#handshake.answerHello(body)));
    }
  }

  async #handOver(plaintext: Buffer): Promise<void> {
    const stanza = await decodeBinaryNode(plaintext).catch(() => undefined);
    // What came before the client closed still counts, such as its logout; what comes after we closed does not.
    if (this.#hungUp) return;
    if (stanza) await this.#party?.receive(stanza);
    else this.terminate();
  }

  #close(): void {
    for (const timer of this.#lateStanzas) clearTimeout(timer);
    this.#enqueue(() => this.#party?.closed());
  }

  /** Does this once all that came before it is done. */
  #enqueue(action: () => void | Promise<void>): void {
    this.#line = this.#line.then(action).catch((error: unknown) => {
      this.#options.onError(error);
      this.terminate();
    });
  }
}
