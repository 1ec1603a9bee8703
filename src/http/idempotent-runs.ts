import { failureOf, GatewayError } from '../errors.ts';
import type { IdempotencyKey, IdempotentRequests, KeptRequest } from './services.ts';

/** How a request ended: with the output of its operation, or with what that raised. */
type Ending = { readonly output: unknown } | { readonly error: unknown };

/** An ending, and whether it is that of an earlier request. */
export type Answer = Ending & { readonly isReplayed: boolean };

interface Run {
  readonly fingerprint: string;
  /** Whether the key is this request's; `false` when an earlier one has it. */
  readonly hasKey: Promise<boolean>;
  readonly answer: Promise<Answer>;
}

const keptForMs = 24 * 60 * 60 * 1_000;

/**
 * Carries out requests with an `Idempotency-Key` once, however often they come: for 24 hours the same request under
 * the same key gets the first answer, while the first is still under way and after a restart, too.
 *
 * An answer is kept when the same request would meet it again. After any other the next request really tries. So does
 * one whose forerunner was cut off in the middle, by a crash.
 */
export class IdempotentRuns {
  readonly #kept: IdempotentRequests;
  readonly #now: () => Date;
  readonly #onUnkept: (error: unknown) => void;
  readonly #running = new Map<string, Run>();

  constructor(parts: {
    kept: IdempotentRequests;
    now: () => Date;
    /** Hears why an answer could not be kept: it is given all the same, for what it tells has happened. */
    onUnkept: (error: unknown) => void;
  }) {
    this.#kept = parts.kept;
    this.#now = parts.now;
    this.#onUnkept = parts.onUnkept;
  }

  /**
   * The answer to a request, for which `work` is done only when there is none yet. `fingerprint` says what the request
   * is. Errors: `idempotency_key_reused` when another request has the key; what keeping raises before the work begins.
   */
  async answer(key: IdempotencyKey, fingerprint: string, work: () => Promise<unknown>): Promise<Answer> {
    const place = `${key.instance} ${key.key}`;
    for (let run = this.#running.get(place); run; run = this.#running.get(place)) {
      if (run.fingerprint === fingerprint) return { ...(await run.answer), isReplayed: true };
      if (await run.hasKey) throw new GatewayError('idempotency_key_reused');
      await run.answer.catch(() => {}); // told to whom it concerns; only when it is over matters here
    }
    const run = this.#start(key, fingerprint, work);
    this.#running.set(place, run);
    try {
      return await run.answer;
    } finally {
      this.#running.delete(place);
    }
  }

  #start(key: IdempotencyKey, fingerprint: string, work: () => Promise<unknown>): Run {
    const begunAt = this.#now();
    const expiredBefore = new Date(begunAt.getTime() - keptForMs);
    const kept = this.#kept.begin(key, { fingerprint, begunAt, expiredBefore });
    return {
      fingerprint,
      hasKey: kept.then(
        (request) => request === undefined || request.fingerprint === fingerprint,
        () => false,
      ),
      answer: kept.then((request) => this.#finish(key, fingerprint, request, work)),
    };
  }

  async #finish(
    key: IdempotencyKey,
    fingerprint: string,
    kept: KeptRequest | undefined,
    work: () => Promise<unknown>,
  ): Promise<Answer> {
    if (kept && kept.fingerprint !== fingerprint) throw new GatewayError('idempotency_key_reused');
    if (kept?.answer !== undefined) return { ...read(kept.answer), isReplayed: true };
    const ending: Ending = await work().then(
      (output) => ({ output }),
      (error: unknown) => ({ error }),
    );
    const text = write(ending);
    await (text === undefined ? this.#kept.forget(key) : this.#kept.finish(key, text)).catch(this.#onUnkept);
    return { ...ending, isReplayed: false };
  }
}

/** An ending as it is kept: free of the form of the answer, which each request chooses. */
type Written =
  | { readonly output: unknown }
  | { readonly failure: Pick<GatewayError, 'code' | 'message' | 'details'> };

/** `undefined` for what shall not be kept. */
function write(ending: Ending): string | undefined {
  if ('output' in ending) return JSON.stringify({ output: ending.output } satisfies Written);
  const { error } = ending;
  if (!(error instanceof GatewayError) || mayPass(error)) return undefined;
  const { code, message, details } = error;
  return JSON.stringify({ failure: { code, message, details } } satisfies Written);
}

function read(text: string): Ending {
  const written: Written = JSON.parse(text);
  if ('output' in written) return written;
  const { code, ...options } = written.failure;
  return { error: new GatewayError(code, options) };
}

/** Whether the same request may fare better later. */
const mayPass = ({ code, retryAfterSeconds }: GatewayError): boolean =>
  failureOf(code).mayPass === true || retryAfterSeconds !== undefined;
