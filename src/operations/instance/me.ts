import { Type } from 'typebox';
import { instanceOperation } from '../../operation.ts';
import { due } from '../due.ts';
import { paymentStatus, paymentStatusOf } from '../payment-status.ts';

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
    paymentStatus,
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
    const { settings, proxy } = instance;
    return {
      id: instance.id,
      token: instance.token,
      name: instance.name,
      due: due.getTime() / 1000,
      connected: session.status().connected,
      paymentStatus: paymentStatusOf(instance.subscription),
      created: instance.createdAt.toISOString(),
      connectedCallbackUrl: settings.connectedCallbackUrl ?? '',
      deliveryCallbackUrl: settings.deliveryCallbackUrl ?? '',
      disconnectedCallbackUrl: settings.disconnectedCallbackUrl ?? '',
      messageStatusCallbackUrl: settings.messageStatusCallbackUrl ?? '',
      presenceChatCallbackUrl: settings.presenceChatCallbackUrl ?? '',
      receivedCallbackUrl: settings.receivedCallbackUrl ?? '',
      initialDataCallbackUrl: '',
      receiveCallbackSentByMe: Boolean(settings.receivedAndDeliveryCallbackUrl),
      callRejectAuto: settings.callRejectAuto ?? false,
      callRejectMessage: settings.callRejectMessage ?? '',
      autoReadMessage: settings.autoReadMessage ?? false,
      proxyUrl: proxy?.url ?? '',
      useProxy: proxy?.isEnabled ?? false,
    };
  },
});
