/**
 * The signatures that make a companion a device of an account (ADV, "account device verification"): the account signs
 * the companion's identity, the companion signs back.
 * Sources: Baileys Utils/validate-connection.ts (configureSuccessfulPairing), whatsmeow pair.go.
 */
import { createHmac, randomInt } from 'node:crypto';
import { Curve, proto } from 'baileys';
import { unixSeconds } from '../unix-seconds.ts';
import { isSigned } from '../wire/signature.ts';
import type { Account } from '../world.ts';

const accountSignaturePrefix = Buffer.from([6, 0]);
const deviceSignaturePrefix = Buffer.from([6, 1]);

/** What the account says about one companion. */
export interface DeviceIdentity {
  /** The companion's public identity key. */
  readonly companionKey: Uint8Array;
  /** The encoded `ADVDeviceIdentity`. */
  readonly details: Uint8Array;
  /** The encoded `ADVSignedDeviceIdentity`, signed by the account. */
  readonly signed: Uint8Array;
}

export function signDeviceIdentity(
  account: Account,
  companionKey: Uint8Array,
  keyIndex: number,
): DeviceIdentity {
  const details = proto.ADVDeviceIdentity.encode({
    rawId: randomInt(2 ** 31),
    timestamp: unixSeconds(),
    keyIndex,
  }).finish();
  const { private: privateKey, public: accountSignatureKey } = account.identityKey;
  const message = Buffer.concat([accountSignaturePrefix, details, companionKey]);
  const accountSignature = Curve.sign(privateKey, message);
  const signed = proto.ADVSignedDeviceIdentity.encode({
    details,
    accountSignatureKey,
    accountSignature,
  }).finish();
  return { companionKey, details, signed };
}

/** The content of `<device-identity>` in `pair-success`: the identity under an HMAC with the shared ADV secret. */
export function sealDeviceIdentity({ signed }: DeviceIdentity, advSecret: Uint8Array): Uint8Array {
  const hmac = createHmac('sha256', advSecret).update(signed).digest();
  return proto.ADVSignedDeviceIdentityHMAC.encode({ details: signed, hmac }).finish();
}

/** Whether the companion's answer (an encoded `ADVSignedDeviceIdentity`) holds its signature over this identity. */
export function isSignedByCompanion(
  { companionKey, details }: DeviceIdentity,
  account: Account,
  answer: Uint8Array,
): boolean {
  const { deviceSignature } = proto.ADVSignedDeviceIdentity.decode(answer);
  if (!deviceSignature) return false;
  const message = Buffer.concat([deviceSignaturePrefix, details, companionKey, account.identityKey.public]);
  return isSigned(companionKey, message, deviceSignature);
}
