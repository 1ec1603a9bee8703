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
  description: 'Answers `true` only when WhatsApp confirmed.',
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
