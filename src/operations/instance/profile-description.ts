import { Type } from 'typebox';
import { connectedOperation } from '../../operation.ts';
import { value } from '../fields.ts';

export const profileDescription = connectedOperation({
  name: 'profile-description',
  section: 'instance',
  method: 'PUT',
  alsoMethods: ['POST'],
  path: '/profile-description',
  summary: 'Change what the own profile says about itself.',
  description:
    'Answers `true` only when WhatsApp confirmed. WhatsApp shows such a text for 30 days at most, and its own apps take 50 characters; what it does not take is `whatsapp_refused`.',
  input: Type.Object({
    value: Type.String({
      maxLength: 139,
      description: 'The new text, at most 139 characters, as in WhatsApp itself; empty for none.',
      examples: ['Open from 9 to 18'],
    }),
  }),
  output: value,
  example: { input: { value: 'Open from 9 to 18' }, output: { value: true } },
  errors: ['whatsapp_timeout'],

  async handle({ value }, { whatsapp }) {
    await whatsapp.setProfileAbout(value);
    return { value: true };
  },
});
