/** What the HTTP server needs from the rest of the gateway. */
import type { InstanceId } from '../ids.ts';
import type { ConnectedContext, Instance, PartnerContext, SessionControl } from '../operation.ts';
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
  readonly photoTurns: ConnectedContext['photoTurns'];
}

/** An instance that was found, and its session. */
export interface LiveInstance {
  readonly instance: Instance;
  readonly session: LiveSession;
}

/**
 * How WhatsApp's refusals are answered when the request does not say (`Prefer: handling=…`): `lenient` as documented,
 * `{"value": false}` inside a 200, `strict` with the status of the error.
 */
export type Handling = 'lenient' | 'strict';

export interface Services {
  readonly account: AccountSecrets;
  readonly findInstance: (id: InstanceId) => Promise<LiveInstance | undefined>;
  readonly createInstance: PartnerContext['createInstance'];
  readonly readPicture: ConnectedContext['readPicture'];
  readonly renderGroupPhoto: ConnectedContext['renderGroupPhoto'];
  /** Whether what requests need can be reached: the database. */
  readonly isReady: () => Promise<boolean>;
  readonly handling: Handling;
  /** The version of the gateway, for `/health` and the reference. */
  readonly version: string;
}
