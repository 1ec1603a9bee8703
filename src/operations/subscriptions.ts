/** What the operations on subscriptions share: they are recorded, nothing is billed. */
import { Type } from 'typebox';
import { GatewayError } from '../errors.ts';
import type { Subscription } from '../instance.ts';
import type { InstanceContext } from '../operation.ts';

export const withCalls = Type.Boolean({
  description: 'Subscribe with calls. Recorded only.',
  examples: [true],
});

/** As Z-API has it: calls can be added to a subscription and not be taken away. */
export const addedCalls = Type.Decode(withCalls, (value) => {
  if (value) return value;
  throw new GatewayError('invalid_request', {
    message: 'only true is taken. To do without calls, cancel and subscribe again.',
  });
});

/** Records a subscription, and gives the answer. */
export async function recordSubscription(
  { updateInstance }: InstanceContext,
  subscription: Subscription,
): Promise<'OK'> {
  await updateInstance({ subscription });
  return 'OK';
}
