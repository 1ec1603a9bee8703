import { Type } from 'typebox';
import { instanceOperation } from '../../operation.ts';
import { due } from '../due.ts';

const url = Type.String({ description: 'Empty when it is not set.' });

export const me = instanceOperation({
  name: 'me',
  section: 'instance',
  method: 'GET',
  path: '/me',
  summary: 'Read what is known of the instance.',
  input: Type.Object({}),
  output: Type.Object({
    id: Type.String({ description: '32 hex digits.' }),
    token: Type.String({ description: 'The secret in the address.' }),
    name: Type.String({ description: 'What the instance is called.' }),
    due: Type.Integer({ description: 'When the instance expires, in Unix seconds: it never does.' }),
    connected: Type.Boolean({ description: 'The number is connected to WhatsApp.' }),
    paymentStatus: Type.String({ description: 'Always `ACTIVE`.' }),
    created: Type.String({ description: 'ISO 8601.' }),
    connectedCallbackUrl: url,
    deliveryCallbackUrl: url,
    disconnectedCallbackUrl: url,
    messageStatusCallbackUrl: url,
    presenceChatCallbackUrl: url,
    receivedCallbackUrl: url,
    initialDataCallbackUrl: url,
    receiveCallbackSentByMe: Type.Boolean({
      description: 'The webhook for received messages is told of own ones, too.',
    }),
    callRejectAuto: Type.Boolean({ description: 'Calls are rejected.' }),
    callRejectMessage: Type.String({ description: 'What callers are written whose call was rejected.' }),
    autoReadMessage: Type.Boolean({ description: 'Received messages are marked as read.' }),
    proxyUrl: url,
    useProxy: Type.Boolean({ description: 'The connection to WhatsApp goes through the proxy.' }),
  }),
  example: {
    input: {},
    output: {
      id: '3D2A8F4B6C1E4F7A9B0C5D8E2F6A1B3C',
      token: 'A1B2C3D4E5F60718293A4B5C6D7E8F90',
      name: 'Support',
      due: 4102444799,
      connected: true,
      paymentStatus: 'ACTIVE',
      created: '2026-08-01T12:00:00.000Z',
      connectedCallbackUrl: '',
      deliveryCallbackUrl: '',
      disconnectedCallbackUrl: '',
      messageStatusCallbackUrl: '',
      presenceChatCallbackUrl: '',
      receivedCallbackUrl: 'https://www.example.com/received',
      initialDataCallbackUrl: '',
      receiveCallbackSentByMe: false,
      callRejectAuto: false,
      callRejectMessage: '',
      autoReadMessage: false,
      proxyUrl: '',
      useProxy: false,
    },
  },
  errors: [],

  async handle(_input, { instance, session }) {
    const text = (setting: string) => String(instance.settings[setting] ?? '');
    const flag = (setting: string) => instance.settings[setting] === true;
    return {
      id: instance.id,
      token: instance.token,
      name: instance.name,
      due: due.getTime() / 1000,
      connected: session.status().connected,
      paymentStatus: 'ACTIVE',
      created: instance.createdAt.toISOString(),
      connectedCallbackUrl: text('connectedCallbackUrl'),
      deliveryCallbackUrl: text('deliveryCallbackUrl'),
      disconnectedCallbackUrl: text('disconnectedCallbackUrl'),
      messageStatusCallbackUrl: text('messageStatusCallbackUrl'),
      presenceChatCallbackUrl: text('presenceChatCallbackUrl'),
      receivedCallbackUrl: text('receivedCallbackUrl'),
      initialDataCallbackUrl: text('initialDataCallbackUrl'),
      receiveCallbackSentByMe: flag('receiveCallbackSentByMe'),
      callRejectAuto: flag('callRejectAuto'),
      callRejectMessage: text('callRejectMessage'),
      autoReadMessage: flag('autoReadMessage'),
      proxyUrl: text('proxyUrl'),
      useProxy: flag('useProxy'),
    };
  },
});
