/** The two answers to an `<iq>`. */
import { type BinaryNode, element, type StanzaError } from './stanza.ts';

/** With the `@`: Baileys compares `from` with this form, and the bare server name is another thing on the wire. */
export const serverJid = '@s.whatsapp.net';

const headOf = (iq: BinaryNode, type: 'result' | 'error') => ({
  type,
  id: iq.attrs.id,
  from: iq.attrs.to ?? serverJid,
});

/** `<iq type="result">`, with these children if any. */
export const resultOf = (iq: BinaryNode, children?: BinaryNode[]): BinaryNode =>
  element('iq', headOf(iq, 'result'), children);

/** `<iq type="error">`, with the reason as WhatsApp writes it; without a reason only where a fault asks for it. */
export const errorOf = (iq: BinaryNode, reason: StanzaError | undefined): BinaryNode =>
  element('iq', headOf(iq, 'error'), reason && [errorElement(reason)]);

/** `<error code text …/>` */
export const errorElement = ({ code, message, attributes }: StanzaError): BinaryNode =>
  element('error', { code: String(code), text: message, ...attributes });
