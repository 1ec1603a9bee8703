import { Type } from 'typebox';
import { connectedOperation } from '../../operation.ts';
import { value } from '../fields.ts';

export const profileName = connectedOperation({
  name: 'profile-name',
  section: 'instance',
  method: 'PUT',
  alsoMethods: ['POST'],
  path: '/profile-name',
  summary: 'Change the name of the own profile.',
  description:
    'Answers `true` only when WhatsApp confirmed. The name is changed with a key that the phone shares some seconds after it was paired: until then the answer is `whatsapp_unavailable`, and it helps to keep WhatsApp open on the phone.',
  input: Type.Object({
    value: Type.String({
      minLength: 1,
      maxLength: 25,
      pattern: '\\S',
      expects: 'a text of at most 25 characters that is not blank',
      description: 'The new name, at most 25 characters, as in WhatsApp itself.',
      examples: ['Ana'],
    }),
  }),
  output: value,
  example: { input: { value: 'Ana' }, output: { value: true } },
  errors: ['whatsapp_timeout'],

  async handle({ value }, { whatsapp }) {
    await whatsapp.setProfileName(value);
    return { value: true };
  },
});
