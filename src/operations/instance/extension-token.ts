import { Type } from 'typebox';
import { GatewayError } from '../../errors.ts';
import { instanceOperation } from '../../operation.ts';

export const extensionToken = instanceOperation({
  name: 'extension-token',
  section: 'instance',
  method: 'GET',
  path: '/extension-token',
  summary: 'Get a code for the browser extension that links phones which WhatsApp asks for a passkey.',
  description:
    'Z-API has such an extension; Pombo has none yet, so the answer is always the failure `unsupported`. A phone that is asked for a passkey cannot be linked with this version (`passkey_required`); WhatsApp does not ask every phone, nor each time.',
  input: Type.Object({}),
  output: Type.Object({
    token: Type.String({ description: 'The code, as `XXXX-XXXX`.' }),
    expiresAt: Type.Integer({ description: 'Until when it is good, in Unix milliseconds.' }),
  }),
  example: { input: {}, output: { token: 'FA48-HS63', expiresAt: 1785585600000 } },
  errors: ['unsupported'],

  async handle() {
    throw new GatewayError('unsupported', {
      message:
        'There is no browser extension for this gateway yet. Pair with the QR code or a pairing code; when WhatsApp asks for a passkey, try again later.',
    });
  },
});
