/** What the HTTP server needs from the rest of the gateway. */
import type { InstanceId } from '../ids.ts';
import type { InstanceContext, PartnerContext, PictureSource } from '../operation.ts';
import type { SessionControl } from '../session-control.ts';
import type { WhatsApp } from '../whatsapp/whatsapp.ts';

/** Recognises the secrets of the account, in the same time for every wrong text. */
export interface AccountSecrets {
  /** Whether calls on instances need the `Client-Token` header at all. */
  readonly asksForClientToken: boolean;
  isClientToken(text: string): boolean;
  isPartnerToken(text: string): boolean;
}

/** A session as routes use it: what operations see, and the way to the live connection. */
export interface LiveSession extends SessionControl {
  /** The connection. Errors: `not_connected`, with `retryAfterSeconds` while it is on its way back. */
  connected(): Promise<WhatsApp>;
}

/** An instance that was found, and what its operations work with. */
export interface LiveInstance
  extends Pick<
    InstanceContext,
    'instance' | 'updateInstance' | 'deleteInstance' | 'groupPhotos' | 'photoJobs'
  > {
  readonly session: LiveSession;
}

/**
 * How WhatsApp's refusals are answered when the request does not say (`Prefer: handling=…`): `lenient` as documented,
 * `{"value": false}` inside a 200, `strict` with the status of the error.
 */
export type Handling = 'lenient' | 'strict';

/** An `Idempotency-Key` of one instance. */
export interface IdempotencyKey {
  readonly instance: InstanceId;
  /** At most 255 characters of visible ASCII. */
  readonly key: string;
}

/** What is kept of a request that came with an `Idempotency-Key`. */
export interface KeptRequest {
  /** What the request was, by operation and input: the same for the same request. SHA-256, hex. */
  readonly fingerprint: string;
  /** What it was answered, in the words of `http/`; `undefined` when it began and never ended. */
  readonly answer: string | undefined;
}

/** The requests that came with an `Idempotency-Key`, kept over a restart. */
export interface IdempotentRequests {
  /**
   * Takes a key for a request that begins, and resolves with `undefined`. When the key is taken already, nothing
   * changes, and it resolves with the request that has it. What began before `expiredBefore` has no key any more.
   */
  begin(
    key: IdempotencyKey,
    request: { readonly fingerprint: string; readonly begunAt: Date; readonly expiredBefore: Date },
  ): Promise<KeptRequest | undefined>;
  /** Keeps the answer of the request that has the key. */
  finish(key: IdempotencyKey, answer: string): Promise<void>;
  /** Gives the key free. */
  forget(key: IdempotencyKey): Promise<void>;
}

export interface Services {
  readonly account: AccountSecrets;
  readonly findInstance: (id: InstanceId) => Promise<LiveInstance | undefined>;
  readonly createInstance: PartnerContext['createInstance'];
  readonly listInstances: PartnerContext['listInstances'];
  readonly isProxyReachable: InstanceContext['isProxyReachable'];
  /** See `InstanceContext.readPicture`; gives up when the signal aborts. */
  readonly readPicture: (
    source: PictureSource,
    options: { readonly signal: AbortSignal },
  ) => Promise<Uint8Array>;
  readonly renderGroupPhoto: InstanceContext['renderGroupPhoto'];
  readonly idempotentRequests: IdempotentRequests;
  readonly now: () => Date;
  /** Whether what requests need can be reached: the database. */
  readonly isReady: () => Promise<boolean>;
  readonly handling: Handling;
  /** The version of the gateway, for `/health` and the reference. */
  readonly version: string;
}
