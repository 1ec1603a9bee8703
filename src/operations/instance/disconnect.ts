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
    'Removes this instance from the linked devices of the phone and forgets its keys. The instance stays, and can be paired again with the same phone or another. Harmless when no phone is paired.',
  input: Type.Object({}),
  output: value,
  example: { input: {}, output: { value: true } },
  errors: [],

  async handle(_input, { session }) {
    await session.disconnect();
    return { value: true };
  },
});
