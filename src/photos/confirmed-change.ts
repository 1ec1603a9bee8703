import { type ErrorCode, GatewayError } from '../errors.ts';
import type { WhatsApp } from '../whatsapp/whatsapp.ts';
import type { TimeLimit } from './time-limit.ts';

/** A change that may be made twice without harm. */
export interface Change<Outcome> {
  /** Asks WhatsApp for it; resolves when WhatsApp has confirmed it. */
  make(whatsapp: WhatsApp): Promise<Outcome>;
  /** Looks whether it was made; `undefined` when it was not, as far as can be seen. */
  find(whatsapp: WhatsApp): Promise<{ readonly outcome: Outcome } | undefined>;
}

/** How often a change is sent when WhatsApp does not confirm it. */
const maxAttempts = 2;

/** The pause before WhatsApp is asked again that did not answer. */
const pauseMs = 200;

/**
 * Makes a change and resolves when it is made: WhatsApp confirmed it, or it was found when it was looked for after the
 * confirmation was lost. A change that is not found is sent once more.
 *
 * `connected` waits for a session that comes back within `patienceMs`; rejects with `not_connected`.
 * Errors: what WhatsApp refuses; `not_connected` when the change was not made because there was no connection;
 * `whatsapp_timeout` when it was sent and the outcome cannot be known, also because the session did not come back in
 * time, is not paired any more, or the gateway stops.
 */
export async function confirmedChange<Outcome>(
  change: Change<Outcome>,
  {
    connected,
    limit,
  }: { readonly connected: (patienceMs: number) => Promise<WhatsApp>; readonly limit: TimeLimit },
): Promise<Outcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sent();
    } catch (error) {
      if (codeOf(error) !== 'whatsapp_timeout') throw error;
      const found = await lookedUp(attempt);
      if (found) return found.outcome;
      if (attempt === maxAttempts || limit.isOver) {
        throw unknownOutcome(attempt, 'the group did not show it afterwards', error);
      }
    }
  }

  async function sent(): Promise<Outcome> {
    for (;;) {
      const whatsapp = await limit.unlessStopped(() => connected(limit.leftMs));
      try {
        return await limit.finishing(() => change.make(whatsapp));
      } catch (error) {
        // There was no connection to send it on, so it was not sent.
        if (codeOf(error) !== 'not_connected' || limit.isOver) throw error;
      }
      await limit.pause(pauseMs);
    }
  }

  async function lookedUp(attempt: number): ReturnType<Change<Outcome>['find']> {
    for (;;) {
      const whatsapp = await limit
        .unlessStopped(() => connected(limit.leftMs))
        .catch((error) => {
          throw unknownOutcome(attempt, whyNotLookedUp(error), error);
        });
      try {
        return await limit.within(() => change.find(whatsapp));
      } catch (error) {
        const waitMs = msUntilAskedAgain(error);
        if (waitMs === undefined) return undefined; // refused to show: the next attempt is told why
        if (limit.isOver || waitMs > limit.leftMs) {
          throw unknownOutcome(attempt, whyNotLookedUp(error), error);
        }
        await limit.pause(waitMs);
      }
    }
  }
}

/** The pause before a look-up that failed is tried again; `undefined` when that would not help. */
function msUntilAskedAgain(error: unknown): number | undefined {
  if (!(error instanceof GatewayError)) throw error;
  switch (error.code) {
    case 'not_connected': // waiting for a connection is what comes next anyway
    case 'whatsapp_timeout':
      return pauseMs;
    case 'whatsapp_unavailable':
    case 'whatsapp_rate_limited':
      return (error.retryAfterSeconds ?? 0) * 1_000;
    default:
      return undefined;
  }
}

const codeOf = (error: unknown): ErrorCode | undefined =>
  error instanceof GatewayError ? error.code : undefined;

function whyNotLookedUp(error: unknown): string {
  if (!(error instanceof GatewayError) || error.code !== 'not_connected') {
    return 'the group could not be looked at either';
  }
  return error.retryAfterSeconds === undefined
    ? 'the phone is not connected any more'
    : 'the connection did not come back in time to look at the group';
}

const unknownOutcome = (attempts: number, why: string, cause: unknown): GatewayError =>
  new GatewayError('whatsapp_timeout', {
    message: `The outcome is unknown: WhatsApp did not confirm the change of the photo, which was sent ${attempts === 1 ? 'once' : 'twice'}, and ${why}. Repeating the request is safe.`,
    cause,
  });
