import { type Static, Type } from 'typebox';
import { instanceOperation } from '../../operation.ts';
import type { SessionStatus } from '../../session-control.ts';
import { describeSession, sessionDetails } from '../described-session.ts';

const stateInWords = Type.Enum(
  ['You are already connected.', 'You need to restore the session.', 'You are not connected.'],
  { description: 'The state in words.' },
);

export const status = instanceOperation({
  name: 'status',
  section: 'instance',
  method: 'GET',
  path: '/status',
  summary: 'Read the connection state.',
  description:
    '`error` is filled in every state, connected ones included: look at `connected`. "You need to restore the session." means that a phone is paired but not connected at the moment; it reconnects by itself, and `restart` makes it do so at once.',
  input: Type.Object({}),
  output: Type.Object({
    connected: Type.Boolean({ description: 'The number is connected to WhatsApp.' }),
    session: Type.Boolean({ description: 'A phone is paired, connected or not.' }),
    smartphoneConnected: Type.Boolean({
      description:
        'The phone stands by this instance. WhatsApp no longer tells whether the phone itself is online, so this is true as long as it is paired.',
    }),
    error: stateInWords,
    details: sessionDetails,
  }),
  example: {
    input: {},
    output: {
      connected: true,
      session: true,
      smartphoneConnected: true,
      error: 'You are already connected.',
      details: {
        state: 'online',
        since: '2026-08-01T12:00:00.000Z',
        reason: null,
        retryAt: null,
        lastEnd: null,
      },
    },
  },
  errors: [],

  async handle(_input, { session }) {
    const now = session.status();
    return {
      connected: now.connected,
      session: now.paired,
      smartphoneConnected: now.paired,
      error: inWords(now),
      details: describeSession(now),
    };
  },
});

function inWords({ connected, paired }: SessionStatus): Static<typeof stateInWords> {
  if (connected) return 'You are already connected.';
  return paired ? 'You need to restore the session.' : 'You are not connected.';
}
