import type { Instance } from '../instance.ts';
import type { KeyStore } from '../whatsapp/whatsapp.ts';
import type { Rooms } from './house.ts';

/** Tells which linked device keys are of: the same text for the same device, `undefined` when they are of none. */
export type DeviceOf = (keys: KeyStore) => Promise<string | undefined>;

/** The first of these instances, moved away or not, that is this linked device. */
export async function instanceOfDevice(
  { sessionKeys }: Rooms,
  instances: readonly Instance[],
  { device, deviceOf }: { readonly device: string; readonly deviceOf: DeviceOf },
): Promise<Instance | undefined> {
  for (const instance of instances) {
    if ((await deviceOf(sessionKeys.keysOf(instance.id))) === device) return instance;
  }
  return undefined;
}
