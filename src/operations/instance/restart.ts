import { Type } from 'typebox';
import { instanceOperation } from '../../operation.ts';
import { value } from '../fields.ts';

export const restart = instanceOperation({
  name: 'restart',
  section: 'instance',
  method: 'GET',
  alsoMethods: ['POST'],
  path: '/restart',
  summary: 'Close the connection to WhatsApp and open it again.',
  description: 'The phone stays paired. `status` tells when it is connected again.',
  input: Type.Object({}),
  output: value,
  example: { input: {}, output: { value: true } },
  errors: [],

  async handle(_input, { session }) {
    await session.restart();
    return { value: true };
  },
});
