import { type BinaryNode, encodeBinaryNode } from 'baileys';

/** What stands before bytes, by how many they are. Source: Baileys WABinary/constants.ts. */
const binary8 = 252;
const binary20 = 253;
const binary32 = 254;

/**
 * The same bytes as Baileys' `encodeBinaryNode`, which appends content byte by byte to an array of numbers: 2 ms of the
 * event loop for a group's photo. Here a stanza that ends in bytes, as those do, gets them in one copy.
 */
export function encodeStanza(stanza: BinaryNode): Buffer {
  const bytes = lastBytesOf(stanza);
  if (!bytes) return encodeBinaryNode(stanza);
  // Elements are not closed on the wire, so the content of the innermost last one ends the stanza: here, as `252 0`.
  const emptied = encodeBinaryNode(withoutLastBytes(stanza));
  const head = emptied.subarray(0, -lengthToken(0).length);
  return Buffer.concat([head, lengthToken(bytes.length), bytes]);
}

const lastBytesOf = ({ content }: BinaryNode): Uint8Array | undefined => {
  if (content instanceof Uint8Array) return content;
  const last = Array.isArray(content) ? content.at(-1) : undefined;
  return last && lastBytesOf(last);
};

const withoutLastBytes = (node: BinaryNode): BinaryNode => ({
  ...node,
  content: Array.isArray(node.content)
    ? node.content.map((child, index, { length }) => (index === length - 1 ? withoutLastBytes(child) : child))
    : new Uint8Array(),
});

function lengthToken(length: number): Buffer {
  if (length < 256) return Buffer.from([binary8, length]);
  const token = Buffer.alloc(length < 2 ** 20 ? 4 : 5);
  token.writeUIntBE(length, 1, token.length - 1);
  token[0] = length < 2 ** 20 ? binary20 : binary32;
  return token;
}
