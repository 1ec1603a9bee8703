import { type BinaryNode, getBinaryNodeChild } from 'baileys';

/** The most that WhatsApp Web takes, see the source below. */
const maxSizeBytes = 4_096;

/**
 * What an authenticator is to be asked (WebAuthn request options, JSON) from WhatsApp's demand for a passkey, exactly
 * as it stands there. `undefined` when it is not there, or is nothing that an authenticator could be asked.
 *
 * It decides who links a device: for the caller, and for no log.
 * Source: WhatsApp Web, WAWebShortcakeLinkingApi; whatsmeow pair-passkey.go.
 */
export function passkeyOptionsFrom(notification: BinaryNode): string | undefined {
  const content = getBinaryNodeChild(notification, 'passkey_request_options')?.content;
  if (!(content instanceof Uint8Array) || content.length > maxSizeBytes) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
    const options: unknown = JSON.parse(text);
    return typeof options === 'object' && options !== null && !Array.isArray(options) ? text : undefined;
  } catch {
    return undefined; // neither UTF-8 nor JSON
  }
}
