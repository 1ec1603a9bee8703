import { Type } from 'typebox';
import { instanceOperation } from '../../operation.ts';
import { value, webhookUrl } from '../fields.ts';

export const updateProxyWebhook = instanceOperation({
  name: 'update-proxy-webhook',
  section: 'partner',
  method: 'PUT',
  alsoMethods: ['POST'],
  path: '/update-proxy-webhook',
  summary: 'Set the webhook for an instance that goes on without its proxy.',
  description: 'The URL is kept. This version does not send webhooks yet.',
  input: Type.Object({ value: webhookUrl('trouble with the proxy') }),
  output: value,
  example: { input: { value: 'https://www.example.com/proxy' }, output: { value: true } },
  errors: [],

  async handle({ value }, { updateInstance }) {
    await updateInstance({ settings: { proxyCallbackUrl: value } });
    return { value: true };
  },
});
