import { Type } from 'typebox';
import { partnerInstanceOperation, plainOk } from '../../operation.ts';
import { recordSubscription, withCalls } from '../subscriptions.ts';

export const subscription = partnerInstanceOperation({
  name: 'subscription',
  section: 'partner',
  method: 'POST',
  path: '/integrator/on-demand/subscription',
  summary: 'Subscribe an instance.',
  description: 'Recorded, and nothing is billed: an instance of one’s own works with and without it.',
  input: Type.Object({ withCalls: Type.Optional(withCalls) }),
  output: plainOk,
  successStatus: 201,
  example: { input: { withCalls: true }, output: 'OK' },
  errors: [],

  handle: ({ withCalls = false }, context) => recordSubscription(context, { state: 'active', withCalls }),
});
