import { Type } from 'typebox';
import { type InstanceWithStatus, partnerOperation } from '../../operation.ts';
import { due } from '../due.ts';
import { noControls, shownUrl } from '../fields.ts';
import { paymentStatus, paymentStatusOf } from '../payment-status.ts';

export const listInstances = partnerOperation({
  name: 'list-instances',
  section: 'partner',
  method: 'GET',
  path: '/instances',
  summary: 'List the instances of the account.',
  description:
    'The oldest comes first. The tokens stand there, as they do at Z-API: keep the answer to yourself.',
  input: Type.Object({
    page: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 1,
      description: 'The page, from 1. Pages after the last one are empty.',
      examples: [1],
    }),
    pageSize: Type.Integer({
      minimum: 1,
      maximum: 1_000,
      default: 20,
      description: 'Instances on a page.',
      examples: [20],
    }),
    query: Type.Optional(
      Type.String({
        maxLength: 200,
        pattern: noControls,
        expects: 'a text without control characters',
        description: 'Only those with this text in their name or id, in upper or lower case.',
        examples: ['support'],
      }),
    ),
    middleware: Type.Optional(
      Type.Enum(['web', 'mobile'], {
        description: 'Only those of a kind. Instances here are always `web`.',
        examples: ['web'],
      }),
    ),
  }),
  output: Type.Object({
    total: Type.Integer({ description: 'How many there are on all pages.' }),
    totalPage: Type.Integer({ description: 'How many pages there are.' }),
    pageSize: Type.Integer({ description: 'As it was asked for.' }),
    page: Type.Integer({ description: 'As it was asked for.' }),
    content: Type.Array(
      Type.Object({
        token: Type.String({ description: 'The secret in the address.' }),
        tenant: Type.String({ description: 'The account. There is one.' }),
        created: Type.String({ description: 'ISO 8601.' }),
        due: Type.Integer({ description: 'When the instance expires, in Unix milliseconds: it never does.' }),
        paymentStatus,
        deliveryCallbackUrl: shownUrl,
        receivedCallbackUrl: shownUrl,
        disconnectedCallbackUrl: shownUrl,
        messageStatusCallbackUrl: shownUrl,
        receivedAndDeliveryCallbackUrl: shownUrl,
        presenceChatCallbackUrl: shownUrl,
        connectedCallbackUrl: shownUrl,
        receivedStatusCallbackUrl: shownUrl,
        phoneConnected: Type.Boolean({ description: 'A phone is paired.' }),
        whatsappConnected: Type.Boolean({ description: 'The number is connected to WhatsApp.' }),
        middleware: Type.Enum(['web', 'mobile'], { description: 'Always `web`.' }),
        name: Type.String({ description: 'What the instance is called.' }),
        id: Type.String({ description: '32 hex digits.' }),
      }),
      { description: 'The instances of the page.' },
    ),
  }),
  example: {
    input: { page: 1, pageSize: 20 },
    output: {
      total: 1,
      totalPage: 1,
      pageSize: 20,
      page: 1,
      content: [
        {
          token: 'A1B2C3D4E5F60718293A4B5C6D7E8F90',
          tenant: 'pombo',
          created: '2026-08-01T12:00:00.000Z',
          due: due.getTime(),
          paymentStatus: 'ACTIVE',
          deliveryCallbackUrl: '',
          receivedCallbackUrl: 'https://www.example.com/received',
          disconnectedCallbackUrl: '',
          messageStatusCallbackUrl: '',
          receivedAndDeliveryCallbackUrl: '',
          presenceChatCallbackUrl: '',
          connectedCallbackUrl: '',
          receivedStatusCallbackUrl: '',
          phoneConnected: true,
          whatsappConnected: true,
          middleware: 'web',
          name: 'Support',
          id: '3D2A8F4B6C1E4F7A9B0C5D8E2F6A1B3C',
        },
      ],
    },
  },
  errors: [],

  async handle({ page, pageSize, query, middleware }, { listInstances }) {
    const { instances, total } =
      middleware === 'mobile' ? { instances: [], total: 0 } : await listInstances({ page, pageSize, query });
    return {
      total,
      totalPage: Math.ceil(total / pageSize),
      pageSize,
      page,
      content: instances.map(listed),
    };
  },
});

function listed({ instance, status }: InstanceWithStatus) {
  const { id, name, token, settings, subscription, createdAt } = instance;
  return {
    token,
    tenant: 'pombo',
    created: createdAt.toISOString(),
    due: due.getTime(),
    paymentStatus: paymentStatusOf(subscription),
    deliveryCallbackUrl: settings.deliveryCallbackUrl ?? '',
    receivedCallbackUrl: settings.receivedCallbackUrl ?? '',
    disconnectedCallbackUrl: settings.disconnectedCallbackUrl ?? '',
    messageStatusCallbackUrl: settings.messageStatusCallbackUrl ?? '',
    receivedAndDeliveryCallbackUrl: settings.receivedAndDeliveryCallbackUrl ?? '',
    presenceChatCallbackUrl: settings.presenceChatCallbackUrl ?? '',
    connectedCallbackUrl: settings.connectedCallbackUrl ?? '',
    receivedStatusCallbackUrl: '',
    phoneConnected: status.paired,
    whatsappConnected: status.connected,
    middleware: 'web' as const,
    name,
    id,
  };
}
