import type { proto } from 'baileys';

/** How many messages of an account are remembered. */
const rememberedMessages = 64;

/**
 * What an account sent last: whoever cannot decrypt a message asks for it again, and gets it anew encrypted. Baileys
 * remembers for a few minutes by itself, but under an address that only groups ask with.
 */
export class SentMessages {
  readonly #messages = new Map<string, proto.IMessage>();

  add(id: string, message: proto.IMessage): void {
    this.#messages.set(id, message);
    const [oldest] = this.#messages.keys();
    if (this.#messages.size > rememberedMessages && oldest !== undefined) this.#messages.delete(oldest);
  }

  get(id: string): proto.IMessage | undefined {
    return this.#messages.get(id);
  }
}
