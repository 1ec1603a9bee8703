/** A logged-in device: its requests are answered, its messages and receipts acknowledged. */
import { answerRequest } from './answer.ts';
import type { FaultBook } from './faults.ts';
import { historyId } from './login.ts';
import { acknowledge } from './messages/acknowledge.ts';
import { relayMessage } from './messages/message-relay.ts';
import { relayReceipt } from './messages/receipt-relay.ts';
import { keyShareId } from './profile/key-share.ts';
import { errorOf } from './replies.ts';
import type { RequestLog } from './request-log.ts';
import { type BinaryNode, childrenOf, type IqHandler, type IqRequest, StanzaError } from './stanza.ts';
import type { Connection, Party } from './wire/connection.ts';
import type { Device, World } from './world.ts';

interface DeviceSessionOptions {
  readonly world: World;
  readonly device: Device;
  readonly connection: Connection;
  readonly handlers: readonly IqHandler[];
  readonly faults: FaultBook;
  readonly requests: RequestLog;
}

export class DeviceSession implements Party {
  readonly #options: DeviceSessionOptions;

  constructor(options: DeviceSessionOptions) {
    this.#options = options;
  }

  closed(): void {
    const { device, connection } = this.#options;
    // A newer login of the same device has already taken its place.
    if (device.link === connection) device.link = undefined;
  }

  async receive(stanza: BinaryNode): Promise<void> {
    const { world, device, requests } = this.#options;
    switch (stanza.tag) {
      case 'iq':
        // A result or an error answers a request of ours, of which a session sends none that waits for it.
        if (stanza.attrs.type === 'result' || stanza.attrs.type === 'error') return;
        return this.#answer(stanza);
      case 'message':
        return this.#take(stanza, () => relayMessage(world, device, stanza));
      case 'receipt':
        this.#acknowledged(stanza);
        return this.#take(stanza, () => relayReceipt(world, device, stanza));
      case 'call':
        return this.#take(stanza, () => {
          if (!world.calls.take(device, stanza)) requests.addUnknown(stanza);
        });
      case 'ack':
        this.#acknowledged(stanza);
        return requests.add('ack');
      // Nobody is told who is online or typing; telemetry is not read.
      case 'presence':
      case 'chatstate':
      case 'ib':
        return;
      default:
        requests.addUnknown(stanza);
    }
  }

  async #answer(iq: BinaryNode): Promise<void> {
    const { world, device, connection, handlers, faults, requests } = this.#options;
    const { xmlns, type } = iq.attrs;
    const child = childrenOf(iq)[0];
    const handler = handlers.find(
      (candidate) =>
        candidate.xmlns === xmlns &&
        candidate.type === type &&
        (candidate.child === undefined || candidate.child === (child?.tag ?? null)) &&
        (candidate.fits?.({ child }) ?? true),
    );
    if (!handler) {
      requests.addUnknown(iq);
      return connection.send(errorOf(iq, new StanzaError(501)));
    }
    const actions: (() => void)[] = [];
    const request: IqRequest = {
      iq,
      child,
      device,
      account: device.account,
      world,
      notify: (accounts, stanza) => actions.push(() => world.deliverTo(accounts, stanza)),
      afterwards: (action) => actions.push(action),
    };
    requests.add(handler.kind);
    const fault = faults.take(handler.kind);
    await answerRequest({ iq, connection, fault, answer: () => handler.answer(request) });
    for (const action of actions) action();
  }

  #take(stanza: BinaryNode, take: () => void): void {
    const { connection, faults, requests } = this.#options;
    acknowledge({ stanza, connection, fault: faults.take(stanza.tag), take });
    requests.add(stanza.tag);
  }

  #acknowledged(acknowledgement: BinaryNode): void {
    const { world, device } = this.#options;
    world.acknowledge(device, acknowledgement);
    if (acknowledgement.attrs.id === historyId(device)) device.awaitsHistory = false;
    if (acknowledgement.attrs.id === keyShareId(device)) device.account.appState.keyHolders.add(device);
  }
}
