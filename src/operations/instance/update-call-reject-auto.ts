import { Type } from 'typebox';
import { instanceOperation } from '../../operation.ts';
import { onOrOff, value } from '../fields.ts';

export const updateCallRejectAuto = instanceOperation({
  name: 'update-call-reject-auto',
  section: 'instance',
  method: 'PUT',
  alsoMethods: ['POST'],
  path: '/update-call-reject-auto',
  summary: 'Have calls rejected, or not.',
  description:
    'Rejects voice and video calls while they ring. `update-call-reject-message` sets what the caller is written then. `value: true` in the answer says that the setting is kept, whichever it is; `me` shows it as `callRejectAuto`.',
  input: Type.Object({ value: onOrOff }),
  output: value,
  example: { input: { value: true }, output: { value: true } },
  errors: [],

  async handle({ value }, { updateInstance }) {
    await updateInstance({ settings: { callRejectAuto: value } });
    return { value: true };
  },
});
