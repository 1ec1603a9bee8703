import type { EndReason } from '../whatsapp.ts';

/** How Baileys says that a connection ended (the parts of a Boom that tell one end from another). */
interface BaileysEnd {
  readonly output?: { readonly statusCode?: number };
  readonly data?: unknown;
}

/**
 * Why a connection ended, from the error that Baileys gives with `connection: 'close'`: a Boom, any other Error, a
 * bare number (the close code of the WebSocket), or nothing at all.
 *
 * Until a phone has accepted us (`linked`), WhatsApp's no to the device is a failed pairing: there are no keys yet that
 * could be worthless.
 * Source of the codes: whatsmeow types/events/events.go (ConnectFailureReason) and connectionevents.go; each was seen
 * to arrive in this shape with baileys 7.0.0-rc14.
 */
export function endReason(error: unknown, linked: boolean): EndReason {
  const { output, data } = (error ?? {}) as BaileysEnd;
  const conflict = conflictOf(data);
  if (conflict === 'device_removed') return linked ? 'logged-out' : 'pairing-failed';
  if (conflict === 'replaced') return 'replaced';
  switch (output?.statusCode) {
    case 515:
      return 'restart-required';
    case 401: // logged out
    case 516: // forced logout
      return linked ? 'logged-out' : 'pairing-failed';
    case 440: // a conflict that does not say which
      return 'replaced';
    case 402: // banned for a time
    case 403: // locked
    case 406: // banned
      return 'banned';
    case 405: // client outdated
    case 409: // bad user agent
      return 'client-too-old';
    default:
      return 'lost';
  }
}

/** The sentence about an end for the log. */
export function endDetail(error: unknown): string {
  if (error instanceof Error) return error.message;
  return error === undefined ? 'The connection ended.' : `The connection ended (${String(error)}).`;
}

// A <conflict> often comes without a code, and Baileys then calls each of them "replaced".
function conflictOf(data: unknown): string | undefined {
  const node = data as { tag?: unknown; attrs?: { type?: unknown } } | null | undefined;
  return node?.tag === 'conflict' && typeof node.attrs?.type === 'string' ? node.attrs.type : undefined;
}
