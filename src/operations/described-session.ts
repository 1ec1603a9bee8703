import { type Static, Type } from 'typebox';
import type { SessionStatus } from '../session-control.ts';
import { nullable } from './fields.ts';

const endReasons = [
  'restart-required',
  'logged-out',
  'replaced',
  'banned',
  'told-to-wait',
  'client-too-old',
  'pairing-failed',
  'unreachable',
  'proxy-failed',
  'lost',
] as const;

const time = (description: string) =>
  Type.String({ description: `${description}, in ISO 8601.`, examples: ['2026-08-01T12:00:00.000Z'] });

/** Where a session stands, in full. */
export const sessionDetails = Type.Object(
  {
    state: Type.Enum(
      ['unpaired', 'pairing', 'passkey', 'connecting', 'online', 'waiting', 'stopped', 'loggedOut'],
      { description: 'Where the session stands. The guide for operators says what to do in each state.' },
    ),
    since: time('Since when'),
    reason: nullable(
      Type.Enum(['replaced', 'banned', 'client-too-old', 'moved'], {
        description: 'Why a `stopped` session does not come back by itself.',
        examples: ['replaced'],
      }),
    ),
    retryAt: nullable(time('When the next connection is tried at the latest')),
    lastEnd: nullable(
      Type.Object(
        {
          reason: Type.Enum([...endReasons], { description: 'What kind of end it was.', examples: ['lost'] }),
          detail: Type.String({
            description: 'What was said about it.',
            examples: ["Nobody answers at WhatsApp's address (ECONNREFUSED)."],
          }),
          at: time('When it was'),
        },
        {
          description: 'How the last connection ended, unless we closed it.',
          examples: [
            { reason: 'lost', detail: 'WhatsApp is not available (503).', at: '2026-08-01T12:00:00.000Z' },
          ],
        },
      ),
    ),
  },
  { description: 'Ours, and not in Z-API: the state in full.' },
);

export function describeSession({
  state,
  since,
  stopReason,
  retryAt,
  lastEnd,
}: SessionStatus): Static<typeof sessionDetails> {
  return {
    state,
    since: since.toISOString(),
    reason: stopReason ?? null,
    retryAt: retryAt?.toISOString() ?? null,
    lastEnd: lastEnd ? { ...lastEnd, at: lastEnd.at.toISOString() } : null,
  };
}
