import { Type } from 'typebox';
import { instanceOperation } from '../../operation.ts';
import { callRejectMessage, value } from '../fields.ts';

export const updateCallRejectMessage = instanceOperation({
  name: 'update-call-reject-message',
  section: 'instance',
  method: 'PUT',
  alsoMethods: ['POST'],
  path: '/update-call-reject-message',
  summary: 'Set what callers are written whose call was rejected.',
  description:
    'Sent only while `update-call-reject-auto` is on, and not to groups. Whoever calls again and again is written once a minute at most. `me` shows it as `callRejectMessage`.',
  input: Type.Object({ value: callRejectMessage }),
  output: value,
  example: { input: { value: 'We do not take calls here, please write.' }, output: { value: true } },
  errors: [],

  async handle({ value }, { updateInstance }) {
    await updateInstance({ settings: { callRejectMessage: value } });
    return { value: true };
  },
});
