import { Type } from 'typebox';
import { connectedOperation } from '../../operation.ts';
import { nullable } from '../fields.ts';

export const device = connectedOperation({
  name: 'device',
  section: 'instance',
  method: 'GET',
  path: '/device',
  summary: 'Read what is known of the connected phone.',
  description: 'What WhatsApp does not tell is null.',
  input: Type.Object({}),
  output: Type.Object({
    phone: Type.String({ description: 'The connected number, with country code.' }),
    imgUrl: nullable(
      Type.String({ description: 'Where WhatsApp serves the profile picture, for some days.' }),
    ),
    about: nullable(Type.String({ description: 'What the profile says about itself.' })),
    name: nullable(Type.String({ description: 'The name of the profile.' })),
    device: Type.Object(
      {
        sessionName: Type.String({ description: 'What the phone shows among its linked devices.' }),
        device_model: Type.String({ description: 'The browser that we are to WhatsApp.' }),
      },
      { description: 'How we are linked.' },
    ),
    originalDevice: nullable(
      Type.Enum(['iphone', 'smbi', 'android', 'smba'], {
        description: 'What the phone runs; `smbi` and `smba` are WhatsApp Business on iPhone and Android.',
      }),
    ),
    sessionId: Type.Integer({ description: 'Which of the linked devices of the phone this is.' }),
    isBusiness: Type.Boolean({ description: 'The phone uses WhatsApp Business.' }),
  }),
  example: {
    input: {},
    output: {
      phone: '5511999990001',
      imgUrl: 'https://pps.whatsapp.net/v/t61.24694-24/1785585600.jpg',
      about: 'Open from 9 to 18',
      name: 'Ana',
      // Without a name we are a plain browser, see `browserOf` of the engine.
      device: { sessionName: 'Support desk', device_model: 'Chrome' },
      originalDevice: 'android',
      sessionId: 12,
      isBusiness: false,
    },
  },
  errors: ['whatsapp_timeout'],

  async handle(_input, { instance, whatsapp }) {
    const { phone, name, device, platform } = whatsapp.me;
    const { about, photoUrl } = await whatsapp.profile();
    return {
      phone,
      imgUrl: photoUrl ?? null,
      about: about ?? null,
      name: name ?? null,
      // Without a name we are a plain browser, see `browserOf` of the engine.
      device: { sessionName: instance.settings.sessionName || 'Mac OS', device_model: 'Chrome' },
      originalDevice: platform ?? null,
      sessionId: device,
      isBusiness: platform === 'smba' || platform === 'smbi',
    };
  },
});
