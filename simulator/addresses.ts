/** Addresses of devices: an account's address with the device's number, `5511999990001:2@s.whatsapp.net`. */
import type { Device, World } from './world.ts';

/** The address of a device; `user` is the account's PN or LID. The phone, device 0, goes by the account's own. */
export const deviceAddress = (user: string, deviceId: number): string =>
  deviceId === 0 ? user : user.replace('@', `:${deviceId}@`);

/** The device in an address; `undefined` where there is none: the account is meant, or its phone. */
export function deviceIdIn(address: string): number | undefined {
  const id = /:(\d+)@/.exec(address)?.[1];
  return id === undefined ? undefined : Number(id);
}

/** The linked device at an address; `undefined` for phones and for devices that are not there any more. */
export const deviceAt = (world: World, address: string): Device | undefined =>
  world.account(address)?.devices.get(deviceIdIn(address) ?? 0);
