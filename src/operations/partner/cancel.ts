import { Type } from 'typebox';
import { partnerInstanceOperation, plainOk } from '../../operation.ts';
import { recordSubscription } from '../subscriptions.ts';

export const cancel = partnerInstanceOperation({
  name: 'cancel',
  section: 'partner',
  method: 'POST',
  path: '/integrator/on-demand/cancel',
  summary: 'Cancel the subscription of an instance.',
  description:
    'Recorded, and nothing else happens: the instance goes on working, and `paymentStatus` is `CANCELED` from then on. `delete-instance` ends it.',
  input: Type.Object({}),
  output: plainOk,
  successStatus: 201,
  example: { input: {}, output: 'OK' },
  errors: [],

  handle: (_input, context) => recordSubscription(context, { state: 'cancelled', withCalls: false }),
});
