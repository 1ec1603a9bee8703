import { Type } from 'typebox';
import { instanceOperation } from '../../operation.ts';
import { onOrOff, value } from '../fields.ts';

export const updateAutoReadStatus = instanceOperation({
  name: 'update-auto-read-status',
  section: 'instance',
  method: 'PUT',
  alsoMethods: ['POST'],
  path: '/update-auto-read-status',
  summary: 'Have status posts marked as seen, or not.',
  description:
    'Counts only while `update-auto-read-message` is on, too. `value: true` in the answer says that the setting is kept, whichever it is.',
  input: Type.Object({ value: onOrOff }),
  output: value,
  example: { input: { value: true }, output: { value: true } },
  errors: [],

  async handle({ value }, { updateInstance }) {
    await updateInstance({ settings: { autoReadStatus: value } });
    return { value: true };
  },
});
