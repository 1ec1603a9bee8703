import { Type } from 'typebox';
import { instanceOperation } from '../../operation.ts';
import { onOrOff, value } from '../fields.ts';

export const updateAutoReadMessage = instanceOperation({
  name: 'update-auto-read-message',
  section: 'instance',
  method: 'PUT',
  alsoMethods: ['POST'],
  path: '/update-auto-read-message',
  summary: 'Have received messages marked as read, or not.',
  description:
    'The senders see that their messages were read, as far as the privacy settings of the account tell them. `value: true` in the answer says that the setting is kept, whichever it is; `me` shows it as `autoReadMessage`.',
  input: Type.Object({ value: onOrOff }),
  output: value,
  example: { input: { value: true }, output: { value: true } },
  errors: [],

  async handle({ value }, { updateInstance }) {
    await updateInstance({ settings: { autoReadMessage: value } });
    return { value: true };
  },
});
