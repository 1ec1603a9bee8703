/** The companions that wait to be linked, as a phone finds them. */
import { PairingError } from './pairing-error.ts';
import type { Registration } from './registration.ts';

/** A QR code, read. */
export interface ScannedCode {
  readonly registration: Registration;
  /** The secret under which the companion expects its identity. */
  readonly advSecret: Buffer;
}

/** Ambiguous characters are left out: no 0, I, O or U (whatsmeow pair-code.go). */
const pairingCode = /^[1-9A-HJ-NP-TV-Z]{8}$/;

export class Registrations {
  readonly #waiting = new Set<Registration>();

  add(registration: Registration): void {
    this.#waiting.add(registration);
  }

  remove(registration: Registration): void {
    this.#waiting.delete(registration);
  }

  /** Reads a QR code, with or without the address in front. Throws a `PairingError` when it leads nowhere. */
  scanned(qr: string): ScannedCode {
    // From the right: a ref may contain commas.
    const parts = qr.slice(qr.indexOf('#') + 1).split(',');
    const [noiseKey, identityKey, advSecret] = parts.slice(-4, -1).map((part) => Buffer.from(part, 'base64'));
    const ref = parts.slice(0, -4).join(',');
    if (!noiseKey || !identityKey || advSecret?.length !== 32 || ref === '') {
      throw new PairingError('This is not a QR code of WhatsApp Web.');
    }
    const registration = [...this.#waiting].find(({ refs }) => refs.includes(ref));
    if (!registration) throw new PairingError('This QR code is unknown or has expired.');
    if (!registration.noiseKey.equals(noiseKey) || !registration.identityKey.equals(identityKey)) {
      throw new PairingError('The keys in this QR code are not those of the companion that shows it.');
    }
    return { registration, advSecret };
  }

  /** The newest companion of those that asked for a pairing code for this number, and the code as it is hashed. */
  asked(number: string, typed: string): { registration: Registration; code: string } {
    const code = typed.replace(/[\s-]/g, '').toUpperCase();
    if (!pairingCode.test(code)) throw new PairingError('A pairing code has 8 letters and digits.');
    const registration = [...this.#waiting].findLast(({ codeNumber }) => codeNumber === number);
    if (!registration) throw new PairingError(`Nobody waits for a pairing code for ${number}.`);
    return { registration, code };
  }
}
