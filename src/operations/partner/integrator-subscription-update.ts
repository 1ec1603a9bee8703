import { Type } from 'typebox';
import { partnerInstanceOperation, plainOk } from '../../operation.ts';
import { addedCalls, recordSubscription } from '../subscriptions.ts';

export const integratorSubscriptionUpdate = partnerInstanceOperation({
  name: 'integrator-subscription-update',
  section: 'partner',
  method: 'PUT',
  path: '/integrator/subscription/update',
  summary: 'Add calls to the subscription of an instance.',
  description: 'Recorded, and nothing is billed. `subscription-update` is the older address.',
  input: Type.Object({ withCalls: addedCalls }),
  output: plainOk,
  successStatus: 201,
  example: { input: { withCalls: true }, output: 'OK' },
  errors: [],

  handle: ({ withCalls }, context) => recordSubscription(context, { state: 'active', withCalls }),
});
