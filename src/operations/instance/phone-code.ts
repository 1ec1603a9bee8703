import { Type } from 'typebox';
import { instanceOperation } from '../../operation.ts';
import { phoneNumber } from '../fields.ts';
import { alreadyConnected, unlessConnected } from '../unless-connected.ts';

export const phoneCode = instanceOperation({
  name: 'phone-code',
  section: 'instance',
  method: 'GET',
  path: '/phone-code/{phone}',
  summary: 'Get a code to type on the phone instead of scanning a QR code.',
  description:
    'On the phone: Linked devices, Link a device, Link with phone number instead. The code has 8 characters and is good for a few minutes.',
  input: Type.Object({ phone: phoneNumber }),
  output: Type.Union([
    Type.Object({ value: Type.String({ description: 'The code to type.' }) }),
    alreadyConnected,
  ]),
  example: { input: { phone: '5511999990001' }, output: { value: 'A1B2C3D4' } },
  errors: [
    'not_connected',
    'pairing_refused',
    'passkey_required',
    'whatsapp_rate_limited',
    'whatsapp_timeout',
    'whatsapp_unavailable',
  ],

  handle: ({ phone }, { session }) => unlessConnected(() => session.pairingCode(phone)),
});
