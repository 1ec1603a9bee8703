import { Type } from 'typebox';
import { instanceOperation } from '../../operation.ts';
import { value } from '../fields.ts';

export const restoreSession = instanceOperation({
  name: 'restore-session',
  section: 'instance',
  method: 'GET',
  alsoMethods: ['POST'],
  path: '/restore-session',
  summary: 'Bring back the session of a phone that is paired and not connected.',
  description:
    'Z-API asks for it after a disconnection; here sessions come back by themselves, and this only makes one do so at once. It does nothing to a session that is connected, or that has no phone.',
  input: Type.Object({}),
  output: value,
  example: { input: {}, output: { value: true } },
  errors: [],

  async handle(_input, { session }) {
    const { paired, connected } = session.status();
    if (paired && !connected) await session.restart();
    return { value: true };
  },
});
