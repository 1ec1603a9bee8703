/**
 * A stanza and what a handler makes of it. The wire is underneath (`wire/`), the state beside it (`world.ts`); every
 * request that the simulator answers is one file in `stanzas/`.
 */
import type { BinaryNode } from 'baileys';
import type { Account, Device, World } from './world.ts';

export type { BinaryNode } from 'baileys';

/** A request (`<iq>`) from a logged-in device. */
export interface IqRequest {
  readonly iq: BinaryNode;
  /** The first child element of the `<iq>`, if any: most requests are told apart by it. */
  readonly child: BinaryNode | undefined;
  readonly device: Device;
  readonly account: Account;
  readonly world: World;
  /**
   * Sends `stanza` to every device of each account, now or when it is back. It leaves after the answer, or at once
   * where a fault holds the answer back.
   */
  notify(accounts: readonly Account[], stanza: BinaryNode): void;
  /** Does something more after the answer, at the same time as `notify` would. */
  afterwards(action: () => void): void;
}

/** One kind of request: how it is recognised, and its answer. */
export interface IqHandler {
  /** Names the kind for faults and logs: `picture-set`. */
  readonly kind: string;
  readonly xmlns: string;
  readonly type: 'get' | 'set';
  /** The tag of the first child; `null` = no child at all; left out = any. The first handler that fits answers. */
  readonly child?: string | null;
  /** Where the child's tag does not tell requests apart. */
  fits?(request: Pick<IqRequest, 'child'>): boolean;
  /** Where it was seen that WhatsApp answers like this. */
  readonly evidence: string;
  /** The children of `<iq type="result">` (none: an empty result). Throw `StanzaError` to refuse. */
  answer(request: IqRequest): BinaryNode[] | undefined | Promise<BinaryNode[] | undefined>;
}

/** The texts that WhatsApp puts beside its error codes (whatsmeow errors.go). */
const textOfCode: Readonly<Record<number, string>> = {
  400: 'bad-request',
  401: 'not-authorized',
  403: 'forbidden',
  404: 'item-not-found',
  405: 'not-allowed',
  406: 'not-acceptable',
  409: 'conflict',
  410: 'gone',
  419: 'resource-limit',
  423: 'locked',
  429: 'rate-overlimit',
  500: 'internal-server-error',
  501: 'feature-not-implemented',
  503: 'service-unavailable',
  530: 'partial-server-error',
};

/** A refusal: becomes `<iq type="error"><error code text/></iq>`. */
export class StanzaError extends Error {
  override readonly name = 'StanzaError';
  readonly code: number;
  readonly attributes: Readonly<Record<string, string>>;

  /** `attributes` go beside `code` and `text`, such as `{ backoff: '30' }` on a 429. */
  constructor(code: number, attributes: Readonly<Record<string, string>> = {}) {
    super(textOfCode[code] ?? 'unknown');
    this.code = code;
    this.attributes = attributes;
  }
}

/**
 * An element. Attribute values must be strings (a number would corrupt Baileys' frame); `undefined` ones are left out.
 */
export function element(
  tag: string,
  attributes: Readonly<Record<string, string | undefined>> = {},
  content?: BinaryNode[] | Uint8Array | string,
): BinaryNode {
  const attrs: Record<string, string> = {};
  for (const [name, text] of Object.entries(attributes)) if (text !== undefined) attrs[name] = text;
  // Text as bytes: a JS string may come out of the codec as a token, and then as a string on the other side.
  return { tag, attrs, content: typeof content === 'string' ? Buffer.from(content) : content };
}

/** The child elements, all or those with this tag. */
export function childrenOf(node: BinaryNode | undefined, tag?: string): BinaryNode[] {
  const children = Array.isArray(node?.content) ? node.content : [];
  return tag === undefined ? children : children.filter((child) => child.tag === tag);
}

/** The first child element with this tag. */
export const childOf = (node: BinaryNode | undefined, tag: string): BinaryNode | undefined =>
  childrenOf(node, tag)[0];

/** The content as bytes; empty when there is none. */
export function bytesOf(node: BinaryNode | undefined): Buffer {
  const content = node?.content;
  if (typeof content === 'string') return Buffer.from(content);
  return content instanceof Uint8Array ? Buffer.from(content) : Buffer.alloc(0);
}
