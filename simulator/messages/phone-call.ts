/**
 * Calls from phones: they ring, are declined, or are given up; nobody talks.
 * Sources: whatsmeow call.go (handleCallEvent, RejectCall), types/events/call.go; Baileys Socket/messages-recv.ts
 * (handleCall, rejectCall).
 */
import { randomBytes } from 'node:crypto';
import { type BinaryNode, childOf, element } from '../stanza.ts';
import { unixSeconds } from '../unix-seconds.ts';
import type { Account, Device, World } from '../world.ts';

/** What is called: some people, in a group of theirs or not. */
interface NewCall {
  readonly caller: Account;
  readonly called: readonly Account[];
  /** The group's address. */
  readonly group?: string | undefined;
  readonly isVideo?: boolean | undefined;
}

/** A call that rings on every device of those who are called, or will when they are back. */
export class PhoneCall {
  readonly id = randomBytes(16).toString('hex').toUpperCase();
  /** How it ended: one of those who were called declined, or the caller gave up. */
  readonly ended: Promise<'declined' | 'given-up'>;
  readonly #world: World;
  readonly #call: NewCall;
  readonly #end: (outcome: 'declined' | 'given-up') => void;
  #isOver = false;

  constructor(world: World, call: NewCall) {
    const { promise, resolve } = Promise.withResolvers<'declined' | 'given-up'>();
    this.ended = promise;
    this.#end = resolve;
    this.#world = world;
    this.#call = call;
    const media = call.isVideo ? ['audio', 'video'] : ['audio'];
    this.#tell(
      'offer',
      media.map((tag) => element(tag)),
    );
  }

  /** The caller gives up. */
  hangUp(): void {
    this.#finish('given-up');
  }

  /** A device of someone who is called declines. In a group the others may still pick up: only its own stop ringing. */
  declinedBy(account: Account): void {
    if (!this.#call.called.includes(account)) return;
    if (this.#call.group === undefined) this.#finish('declined');
    else this.#end('declined');
  }

  #finish(outcome: 'declined' | 'given-up'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#tell('terminate');
    this.#end(outcome);
  }

  #tell(tag: 'offer' | 'terminate', content: BinaryNode[] = []): void {
    const { caller, called, group } = this.#call;
    const attributes = { from: caller.lid, id: randomBytes(8).toString('hex'), t: String(unixSeconds()) };
    const about = {
      'call-id': this.id,
      'call-creator': caller.lid,
      caller_pn: tag === 'offer' ? caller.pn : undefined,
      'group-jid': group,
      type: group && 'group',
    };
    this.#world.deliverTo(called, element('call', attributes, [element(tag, about, content)]));
  }
}

/** The calls that there were, by id. */
export class CallBook {
  readonly #calls = new Map<string, PhoneCall>();

  add(call: PhoneCall): PhoneCall {
    this.#calls.set(call.id, call);
    return call;
  }

  /** Takes what a device says about a call; `false` for what nobody here understands. */
  take(device: Device, stanza: BinaryNode): boolean {
    const rejection = childOf(stanza, 'reject');
    if (!rejection) return false;
    this.#calls.get(rejection.attrs['call-id'] ?? '')?.declinedBy(device.account);
    return true;
  }
}
