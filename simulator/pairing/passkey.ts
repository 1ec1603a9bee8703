/** WhatsApp's demand for a passkey. Source: whatsmeow pair-passkey.go; the options as in tulir/whatsmeow#1185. */
import { randomBytes } from 'node:crypto';
import { type BinaryNode, element } from '../stanza.ts';

/** The content of the notification: what an authenticator is to be asked, a new challenge each time, or nothing. */
export function passkeyPrologue(options: 'with-options' | 'without-options'): BinaryNode[] {
  if (options === 'without-options') return [];
  const request = {
    challenge: randomBytes(32).toString('base64url'),
    timeout: 600_000,
    rpId: 'whatsapp.com',
    allowCredentials: [],
    userVerification: 'required',
    extensions: { uvm: true },
  };
  return [element('passkey_request_options', {}, JSON.stringify(request))];
}
