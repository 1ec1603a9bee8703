import { Type } from 'typebox';
import { GatewayError } from '../errors.ts';

/** The answer in place of a pairing code once there is nothing to pair. */
export const alreadyConnected = Type.Object({
  connected: Type.Literal(true, { description: 'The phone is connected, there is nothing to pair.' }),
});

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
