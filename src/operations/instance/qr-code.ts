import { Type } from 'typebox';
import { instanceOperation } from '../../operation.ts';
import { alreadyConnected, pairingByQrCode, unlessConnected } from '../unless-connected.ts';

export const qrCode = instanceOperation({
  name: 'qr-code',
  section: 'instance',
  method: 'GET',
  path: '/qr-code',
  summary: 'Get the pairing code as text, to draw as a QR code.',
  description: pairingByQrCode,
  input: Type.Object({}),
  output: Type.Union([
    Type.Object({ value: Type.String({ description: 'The text that the QR code has to hold.' }) }),
    alreadyConnected,
  ]),
  example: {
    input: {},
    output: { value: '2@pPjQ0mYz5tq1,K3v9xF1b6w==,8Zk4sD0n2Q==,vT7cR5a1Lw==' },
  },
  errors: ['not_connected', 'passkey_required', 'whatsapp_timeout', 'whatsapp_unavailable'],

  handle: (_input, { session }) => unlessConnected(() => session.qr()),
});
