import { Type } from 'typebox';
import { instanceOperation } from '../../operation.ts';
import { value } from '../fields.ts';

export const disconnect = instanceOperation({
  name: 'disconnect',
  section: 'instance',
  method: 'GET',
  alsoMethods: ['POST'],
  path: '/disconnect',
  summary: 'Unlink the phone from the instance.',
  description:
    'Removes this instance from the linked devices of the phone and forgets its keys. The instance stays, and can be paired again with the same phone or another. Harmless when no phone is paired. When WhatsApp cannot be told, because the instance is not online or WhatsApp does not answer, the keys are forgotten all the same, and the phone goes on listing the device until its owner removes it there.',
  input: Type.Object({}),
  output: value,
  example: { input: {}, output: { value: true } },
  errors: [],

  async handle(_input, { session }) {
    await session.disconnect();
    return { value: true };
  },
});
