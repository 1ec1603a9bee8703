import { Type } from 'typebox';
import { partnerInstanceOperation, plainOk } from '../../operation.ts';
import { addedCalls, recordSubscription } from '../subscriptions.ts';

export const subscriptionUpdate = partnerInstanceOperation({
  name: 'subscription-update',
  section: 'partner',
  method: 'PUT',
  path: '/integrator/on-demand/subscription/update',
  summary: 'Add calls to the subscription of an instance.',
  description:
    'The address that the documentation of April 2026 gives; `integrator-subscription-update` is the newer one. Recorded, and nothing is billed.',
  input: Type.Object({ withCalls: addedCalls }),
  output: plainOk,
  successStatus: 201,
  example: { input: { withCalls: true }, output: 'OK' },
  errors: [],

  handle: ({ withCalls }, context) => recordSubscription(context, { state: 'active', withCalls }),
});
