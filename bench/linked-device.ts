/** A device that a phone has linked some time ago: what both sides remember of it, made without pairing it. */
import { type AuthenticationCreds, BufferJSON, Curve, initAuthCreds, type KeyPair, proto } from 'baileys';
import { deviceAddress } from '../simulator/addresses.ts';
import { signDeviceIdentity } from '../simulator/pairing/device-identity.ts';
import type { World } from '../simulator/world.ts';

/** What the device remembers. */
export interface LinkedDevice {
  readonly creds: AuthenticationCreds;
  /** Its one-time keys, by their ids. */
  readonly preKeys: Readonly<Record<string, KeyPair>>;
}

/**
 * A few of the 812 that a new device makes: more than the five at which Baileys makes others, and so few that the keys
 * in the memory of whoever keeps them there count for nothing.
 */
const preKeyCount = 10;

/** Links a device to the phone of this number, in the simulated world. */
export function linkDevice(world: World, number: string): LinkedDevice {
  const account = world.addAccount(number);
  account.lastDeviceId += 1;
  const id = account.lastDeviceId;
  const fresh = initAuthCreds();
  const identity = signDeviceIdentity(account, fresh.signedIdentityKey.public, id);
  const preKeys = Object.fromEntries(
    Array.from({ length: preKeyCount }, (_, index) => [String(index + 1), Curve.generateKeyPair()]),
  );
  const registrationId = Buffer.alloc(4);
  registrationId.writeUInt32BE(fresh.registrationId);
  const { keyPair, keyId, signature } = fresh.signedPreKey;
  account.devices.set(id, {
    account,
    id,
    keyIndex: id,
    noiseKey: Buffer.from(fresh.noiseKey.public),
    keys: {
      registrationId,
      identity: Buffer.from(fresh.signedIdentityKey.public),
      signedPreKey: {
        id: keyIdOf(keyId),
        value: Buffer.from(keyPair.public),
        signature: Buffer.from(signature),
      },
      oneTimePreKeys: Object.entries(preKeys).map(([preKeyId, key]) => ({
        id: keyIdOf(Number(preKeyId)),
        value: Buffer.from(key.public),
      })),
    },
    awaitsHistory: false,
    link: undefined,
    queue: [],
  });
  const creds: AuthenticationCreds = {
    ...fresh,
    me: {
      id: deviceAddress(account.pn, id),
      lid: deviceAddress(account.lid, id),
      name: account.name,
    },
    account: proto.ADVSignedDeviceIdentity.decode(identity.signed),
    platform: 'android',
    nextPreKeyId: preKeyCount + 1,
    firstUnuploadedPreKeyId: preKeyCount + 1,
    // It has had its history: Baileys does not wait for any.
    accountSyncCounter: 1,
  };
  return { creds, preKeys };
}

/** On the wire: 3 bytes, big endian. */
function keyIdOf(id: number): Buffer {
  const bytes = Buffer.alloc(3);
  bytes.writeUIntBE(id, 0, 3);
  return bytes;
}

export const textOf = (device: LinkedDevice): string => JSON.stringify(device, BufferJSON.replacer);

export const deviceFrom = (text: string): LinkedDevice => JSON.parse(text, BufferJSON.reviver);
