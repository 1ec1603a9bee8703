/** What a job does with a group after a failure: a pure function, carried out by `job-run.ts`. */
import { failureOf, type GatewayError } from '../errors.ts';

/** How often a group has failed so far. */
export interface Failures {
  /** Changes that were asked for and not made. */
  readonly attempts: number;
  /** How often in a row there was no connection to ask on. */
  readonly withoutConnection: number;
}

export const noFailures: Failures = { attempts: 0, withoutConnection: 0 };

/** How many attempts a group has; those for which there was no connection do not count. */
const maxAttempts = 5;

/** Longer pauses are not believed; timers of Node end at 24 days. */
const longestPauseSeconds = 86_400;

/**
 * When to try again, and what has failed until then; `undefined` when the failure is final. Setting the same photo again
 * is harmless, so that an unknown outcome is not. A session that was unpaired is waited for without end: somebody may
 * pair it again.
 */
export function nextStep(
  { attempts, withoutConnection }: Failures,
  { code, retryAfterSeconds = 0 }: Pick<GatewayError, 'code' | 'retryAfterSeconds'>,
): { readonly afterMs: number; readonly failures: Failures } | undefined {
  if (code === 'not_connected') {
    return {
      afterMs: Math.min(30, 2 ** withoutConnection) * 1_000,
      failures: { attempts, withoutConnection: withoutConnection + 1 },
    };
  }
  if (!failureOf(code).mayPass || attempts + 1 >= maxAttempts) return undefined;
  const growingSeconds = 10 * 3 ** attempts;
  return {
    afterMs: Math.min(longestPauseSeconds, Math.max(growingSeconds, retryAfterSeconds)) * 1_000,
    failures: { attempts: attempts + 1, withoutConnection: 0 },
  };
}
