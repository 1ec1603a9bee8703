/** The public keys of a device, as others fetch them to write to it. */
import { randomInt } from 'node:crypto';
import { Curve, generateSignalPubKey, type KeyPair } from 'baileys';
import { type BinaryNode, bytesOf, childOf, childrenOf, element } from './stanza.ts';

/** A key with its number, as on the wire: 3 bytes, big endian. */
interface NumberedKey {
  readonly id: Buffer;
  readonly value: Buffer;
}

export interface SignalKeys {
  /** 4 bytes, big endian. */
  readonly registrationId: Buffer;
  readonly identity: Buffer;
  readonly signedPreKey: NumberedKey & { readonly signature: Buffer };
  /** Each is handed out once. */
  readonly oneTimePreKeys: readonly NumberedKey[];
}

/** The type byte of every key: Curve25519. */
const keyType = Buffer.from([5]);

/** Keys for a phone, which is not a client of the simulator: what is written to it, nobody reads. */
export function newSignalKeys(identity: KeyPair): SignalKeys {
  const value = Buffer.from(Curve.generateKeyPair().public);
  const registrationId = Buffer.alloc(4);
  registrationId.writeUInt32BE(randomInt(1, 16_380));
  const signature = Buffer.from(Curve.sign(identity.private, generateSignalPubKey(value)));
  return {
    registrationId,
    identity: Buffer.from(identity.public),
    signedPreKey: { id: Buffer.from([0, 0, 1]), value, signature },
    oneTimePreKeys: [],
  };
}

/** Reads `<key>` or `<skey>`; `undefined` when a part is missing. */
function readNumberedKey(node: BinaryNode | undefined): NumberedKey | undefined {
  const id = bytesOf(childOf(node, 'id'));
  const value = bytesOf(childOf(node, 'value'));
  return id.length === 3 && value.length === 32 ? { id, value } : undefined;
}

/** Reads `<skey>`. */
export function readSignedPreKey(node: BinaryNode | undefined): SignalKeys['signedPreKey'] | undefined {
  const key = readNumberedKey(node);
  const signature = bytesOf(childOf(node, 'signature'));
  return key && signature.length === 64 ? { ...key, signature } : undefined;
}

/**
 * Reads an upload (`<registration>`, `<type>`, `<identity>`, `<list>`, `<skey>`); `undefined` when it is malformed.
 * The keys in the list are new ones: they come beside those that were there.
 */
export function readSignalKeys(iq: BinaryNode): SignalKeys | undefined {
  const signedPreKey = readSignedPreKey(childOf(iq, 'skey'));
  const keys = childrenOf(childOf(iq, 'list'), 'key').map(readNumberedKey);
  const oneTimePreKeys = keys.filter((key) => key !== undefined);
  if (!signedPreKey || oneTimePreKeys.length !== keys.length) return undefined;
  const registrationId = bytesOf(childOf(iq, 'registration'));
  return { registrationId, identity: bytesOf(childOf(iq, 'identity')), signedPreKey, oneTimePreKeys };
}

const numberedKeyElements = ({ id, value }: NumberedKey) => [
  element('id', {}, id),
  element('value', {}, value),
];

/** The content of `<user>` in the answer to a fetch, with one of the one-time keys if there is any. */
export function signalKeyElements(keys: SignalKeys): BinaryNode[] {
  const { registrationId, identity, signedPreKey } = keys;
  const [oneTimePreKey] = keys.oneTimePreKeys;
  return [
    element('registration', {}, registrationId),
    element('type', {}, keyType),
    element('identity', {}, identity),
    element('skey', {}, [
      ...numberedKeyElements(signedPreKey),
      element('signature', {}, signedPreKey.signature),
    ]),
    ...(oneTimePreKey ? [element('key', {}, numberedKeyElements(oneTimePreKey))] : []),
  ];
}
