import { Type } from 'typebox';
import { GatewayError } from '../errors.ts';

/** The answer in place of a pairing code once there is nothing to pair. */
export const alreadyConnected = Type.Object({
  connected: Type.Literal(true, { description: 'The phone is connected, there is nothing to pair.' }),
});

/** What both QR code operations do, for the reference. */
export const pairingByQrCode =
  'Starts pairing when no phone is paired, and waits for the first code. WhatsApp changes the code about every 20 seconds: ask again every 10 to 20 seconds until the answer is `{"connected": true}`.';

/** What `code` gives, or `{ connected: true }` when the phone is connected already or gets connected meanwhile. */
export async function unlessConnected(
  code: () => Promise<string>,
): Promise<{ value: string } | { connected: true }> {
  try {
    return { value: await code() };
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'already_connected') return { connected: true };
    throw error;
  }
}
