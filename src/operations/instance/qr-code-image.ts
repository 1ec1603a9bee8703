import { Type } from 'typebox';
import { instanceOperation } from '../../operation.ts';
import { qrImage } from '../../pictures/qr-code.ts';
import { alreadyConnected, unlessConnected } from '../unless-connected.ts';

export const qrCodeImage = instanceOperation({
  name: 'qr-code-image',
  section: 'instance',
  method: 'GET',
  path: '/qr-code/image',
  summary: 'Get the pairing code as the picture of a QR code.',
  description:
    'Starts pairing when no phone is paired, and waits for the first code. WhatsApp changes the code about every 20 seconds: ask again every 10 to 20 seconds until the answer is `{"connected": true}`.',
  input: Type.Object({}),
  output: Type.Union([
    Type.Object({ value: Type.String({ description: 'A PNG as a data URI.' }) }),
    alreadyConnected,
  ]),
  example: { input: {}, output: { value: 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA' } },
  errors: ['not_connected', 'whatsapp_timeout'],

  handle: (_input, { session }) => unlessConnected(async () => qrImage(await session.qr())),
});
