import { element, type IqHandler } from '../stanza.ts';

/** Where media are uploaded. The host is named so that clients can go on; it takes no uploads. */
export const mediaConnection: IqHandler = {
  kind: 'media-connection',
  xmlns: 'w:m',
  type: 'set',
  child: 'media_conn',
  evidence: 'whatsmeow mediaconn.go, which insists on auth, ttl, auth_ttl and max_buckets',
  answer: ({ world }) => [
    element('media_conn', { auth: 'simulator', ttl: '300', auth_ttl: '21600', max_buckets: '12' }, [
      element('host', { hostname: new URL(world.publicUrl).host }),
    ]),
  ],
};
