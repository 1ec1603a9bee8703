import { Type } from 'typebox';
import { instanceOperation } from '../../operation.ts';
import { qrImage } from '../../pictures/qr-code.ts';
import { alreadyConnected, pairingByQrCode, unlessConnected } from '../unless-connected.ts';

export const qrCodeImage = instanceOperation({
  name: 'qr-code-image',
  section: 'instance',
  method: 'GET',
  path: '/qr-code/image',
  summary: 'Get the pairing code as the picture of a QR code.',
  description: pairingByQrCode,
  input: Type.Object({}),
  output: Type.Union([
    Type.Object({ value: Type.String({ description: 'A PNG as a data URI.' }) }),
    alreadyConnected,
  ]),
  example: { input: {}, output: { value: 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA' } },
  errors: ['not_connected', 'passkey_required', 'whatsapp_timeout', 'whatsapp_unavailable'],

  handle: (_input, { session }) => unlessConnected(async () => qrImage(await session.qr())),
});
