import { Type } from 'typebox';
import { partnerOperation } from '../../operation.ts';
import { due } from '../due.ts';
import { callRejectMessage, instanceName, noControls, webhookUrl } from '../fields.ts';

const callbackUrl = (what: string) => Type.Optional(webhookUrl(what));
const flag = (description: string) => Type.Optional(Type.Boolean({ description, examples: [true] }));

export const createInstance = partnerOperation({
  name: 'create-instance',
  section: 'partner',
  method: 'POST',
  path: '/instances/integrator/on-demand',
  summary: 'Create an instance.',
  description:
    'The `id` and `token` in the answer make up the address of everything that the instance can do. An instance costs nothing and does not expire. Calls are rejected and messages read as the settings say; the webhooks are kept, and this version does not send them yet.',
  input: Type.Object({
    name: instanceName,
    sessionName: Type.Optional(
      Type.String({
        maxLength: 200,
        pattern: noControls,
        expects: 'a text in one line',
        description: 'The name to show among the linked devices of the phone.',
        examples: ['Support desk'],
      }),
    ),
    deliveryCallbackUrl: callbackUrl('messages handed to WhatsApp'),
    receivedCallbackUrl: callbackUrl('received messages'),
    receivedAndDeliveryCallbackUrl: callbackUrl('received messages and own ones'),
    presenceChatCallbackUrl: callbackUrl('presence in chats'),
    disconnectedCallbackUrl: callbackUrl('the end of the connection'),
    connectedCallbackUrl: callbackUrl('the start of the connection'),
    messageStatusCallbackUrl: callbackUrl('the status of messages'),
    callRejectAuto: flag('Reject calls.'),
    callRejectMessage: Type.Optional(callRejectMessage),
    autoReadMessage: flag('Mark received messages as read.'),
    autoReadStatus: flag('Mark status posts as read.'),
    isDevice: flag('A mobile instance at Z-API. Instances here are always linked devices.'),
    businessDevice: flag('The phone uses WhatsApp Business. It is found out when pairing.'),
    disableEnqueueWhenDisconnected: flag('Refuse messages while the phone is not connected.'),
  }),
  output: Type.Object({
    id: Type.String({ description: '32 hex digits.' }),
    token: Type.String({
      description: 'The secret in the address. It opens everything this instance can do.',
    }),
    due: Type.Integer({ description: 'When the instance expires, in Unix milliseconds: it never does.' }),
  }),
  example: {
    input: { name: 'Support', receivedCallbackUrl: 'https://www.example.com/received' },
    output: {
      id: '3D2A8F4B6C1E4F7A9B0C5D8E2F6A1B3C',
      token: 'A1B2C3D4E5F60718293A4B5C6D7E8F90',
      due: 4102444799000,
    },
  },
  errors: [],

  async handle({ name, ...settings }, { createInstance }) {
    const { id, token } = await createInstance({ name, settings });
    return { id, token, due: due.getTime() };
  },
});
