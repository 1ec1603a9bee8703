/** The session of an instance, as operations see it. */
import type { PhoneNumber } from './ids.ts';
import type { EndReason, Me } from './whatsapp/whatsapp.ts';

/** Where a session stands, for people. docs/operations.md tells what each state means. */
export interface SessionStatus {
  readonly state:
    | 'unpaired'
    | 'pairing'
    | 'passkey'
    | 'connecting'
    | 'online'
    | 'waiting'
    | 'stopped'
    | 'loggedOut';
  readonly connected: boolean;
  /** The keys of a paired phone are there, whether or not it is connected right now. */
  readonly paired: boolean;
  readonly me: Me | undefined;
  readonly since: Date;
  /** Why a `stopped` session does not come back by itself. */
  readonly stopReason: StopReason | undefined;
  /**
   * When a `waiting` session tries again, unless it finds out earlier that it can; also one that stopped because our
   * version is too old, which may have a newer one by then.
   */
  readonly retryAt: Date | undefined;
  /** How the last connection ended that was not closed by us; `undefined` while none did. */
  readonly lastEnd:
    | { readonly reason: Exclude<EndReason, 'closed'>; readonly detail: string; readonly at: Date }
    | undefined;
}

/** `moved`: the instance was exported to another gateway. For the others see `EndReason`. */
export type StopReason = 'replaced' | 'banned' | 'client-too-old' | 'moved';

/** The session of one instance, as operations use it. */
export interface SessionControl {
  status(): SessionStatus;
  /**
   * The pairing code to show as a QR, starting to pair when need be; waits for the first one.
   * Errors: `already_connected`, `not_connected` (paired and reconnecting, no QR to give; or WhatsApp told us to wait),
   * `passkey_required`, `whatsapp_unavailable` (there is no way to WhatsApp, says why), `whatsapp_timeout`.
   */
  qr(): Promise<string>;
  /**
   * An 8-character code to type on the phone.
   * Errors: `already_connected`, `not_connected`, `passkey_required`, `pairing_refused`, `whatsapp_rate_limited`,
   * `whatsapp_unavailable`, `whatsapp_timeout`.
   */
  pairingCode(phone: PhoneNumber): Promise<string>;
  /** Logs this device out of WhatsApp and forgets its keys; harmless when there is none. */
  disconnect(): Promise<void>;
  /** Closes the connection and opens it again with the same keys; also brings back a session that has stopped. */
  restart(): Promise<void>;
}
