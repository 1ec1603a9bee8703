import { Type } from 'typebox';
import { GatewayError } from '../../errors.ts';
import { partnerInstanceOperation } from '../../operation.ts';
import { value } from '../fields.ts';

export const configureProxy = partnerInstanceOperation({
  name: 'configure-proxy',
  section: 'partner',
  method: 'PUT',
  path: '/integrator/configure-proxy',
  summary: 'Have an instance reach WhatsApp through a proxy, or no longer.',
  description:
    'A proxy that is to be used is tried first: when WhatsApp cannot be reached through it, nothing is changed, and the answer is a bare text instead of an object, as Z-API documents it. Without a `proxyUrl` the instance does without. A change takes effect with the next connection: `restart` makes one. When three connections in a row fail because of the proxy, the instance goes on without it until it is restarted. The URL is kept encrypted, and `me` shows it with its password.',
  input: Type.Object({
    proxyUrl: Type.Optional(
      Type.String({
        pattern: '^(|(socks4a?|socks5h?|https?)://\\S+)$',
        maxLength: 2_048,
        expects: 'a URL that begins with socks5://, socks4://, http:// or https://',
        description: 'The proxy with its credentials; empty for none.',
        examples: ['socks5://user:password123@localhost:1080'],
      }),
    ),
    enable: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Whether to use it; without a `proxyUrl` this means nothing.',
        examples: [true],
      }),
    ),
  }),
  output: value,
  example: {
    input: { proxyUrl: 'socks5://user:password123@localhost:1080', enable: true },
    output: { value: true },
  },
  errors: ['proxy_unreachable'],
  bareErrors: ['proxy_unreachable'],

  async handle({ proxyUrl, enable = false }, { updateInstance, isProxyReachable }) {
    if (proxyUrl && enable && !(await isProxyReachable(proxyUrl)))
      throw new GatewayError('proxy_unreachable');
    await updateInstance({ proxy: proxyUrl ? { url: proxyUrl, isEnabled: enable } : undefined });
    return { value: true };
  },
});
