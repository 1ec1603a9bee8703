/** What whoever starts the gateway in a terminal reads: the tokens once, the first instance, and its QR code. */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { GatewayError } from './errors.ts';
import type { Gateway } from './gateway.ts';
import type { Instance } from './instance.ts';
import { qrTerminal } from './pictures/qr-code.ts';

interface WelcomeOptions {
  readonly print: (text: string) => void;
  /** Ends the offer. */
  readonly stop: AbortSignal;
}

/** How long the QR code is offered; `GET …/qr-code` gives one at any time. */
const offerMs = 180_000;
/** WhatsApp changes the code every 20 s; this is how soon the change is shown. */
const lookMs = 1_000;

/**
 * Greets: prints tokens that were made just now, makes the first instance of a fresh account, and offers the QR code
 * of an only instance that has no phone yet. Resolves when the offer is taken or over.
 *
 * Whoever presets the partner token makes instances over the API, and gets none here.
 */
export async function welcome(gateway: Gateway, { print, stop }: WelcomeOptions): Promise<void> {
  print(`\nPombo listens on ${gateway.url}`);
  const { clientToken, partnerToken } = gateway.madeTokens;
  if (clientToken) print(`  Client-Token:  ${clientToken.reveal()}`);
  if (partnerToken) print(`  Partner token: ${partnerToken.reveal()}`);
  const instances = await gateway.instances.list();
  if (partnerToken && instances.length === 0) {
    const first = await gateway.instances.create({ name: 'My phone', settings: {} });
    instances.push(first);
    print(`  Your instance: ${gateway.url}/instances/${first.id}/token/${first.token}`);
  }
  if (clientToken || partnerToken) print('Keep these lines: they are shown only once.');
  const [instance, ...others] = instances;
  if (!instance || others.length > 0) return;
  await offerQrCode(gateway, instance, { print, stop });
}

async function offerQrCode(
  gateway: Gateway,
  instance: Instance,
  { print, stop }: Pick<WelcomeOptions, 'print' | 'stop'>,
): Promise<void> {
  const end = AbortSignal.any([stop, AbortSignal.timeout(offerMs)]);
  const ended = once(end, 'abort').then(() => undefined);
  let shown = '';
  while (!end.aborted) {
    try {
      const code = await Promise.race([gateway.instances.qr(instance), ended]);
      if (code && code !== shown) {
        print(
          `\n${qrTerminal(code)}\nThe QR code of instance ${instance.id}. On the phone: WhatsApp → Settings → Linked devices → Link a device.`,
        );
        shown = code;
      }
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      if (error.code === 'already_connected') {
        if (shown) print('The phone is connected.');
        return;
      }
      if (error.code === 'passkey_required' && shown !== error.message) {
        print(`\n${error.message}`);
        shown = error.message;
      }
      // Reconnecting with the keys that are there, or waiting for WhatsApp: the next look may find more.
    }
    await pause(lookMs, undefined, { signal: end }).catch(() => undefined);
  }
  if (shown && !stop.aborted)
    print('No phone scanned the QR code. Start again for a new one, or ask GET …/qr-code/image.');
}
