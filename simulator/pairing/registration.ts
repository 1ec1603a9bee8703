/**
 * A companion without an account: its connection shows QR codes and asks for pairing codes, until a phone links it.
 * Sources: Baileys Socket/socket.ts (pair-device, pair-success), whatsmeow pair.go and pair-code.go.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { Curve, proto } from 'baileys';
import { deviceAddress } from '../addresses.ts';
import { answerRequest } from '../answer.ts';
import type { FaultBook } from '../faults.ts';
import { errorOf, serverJid } from '../replies.ts';
import type { RequestLog } from '../request-log.ts';
import type { SignalKeys } from '../signal-keys.ts';
import { type BinaryNode, bytesOf, childOf, element, StanzaError } from '../stanza.ts';
import { unixSeconds } from '../unix-seconds.ts';
import type { Connection, Introduction, Party } from '../wire/connection.ts';
import type { Account, Device } from '../world.ts';
import { isSignedByCompanion, sealDeviceIdentity, signDeviceIdentity } from './device-identity.ts';
import { agreeOnAdvSecret, unwrapKey, wrapKey } from './link-code.ts';
import { PairingError } from './pairing-error.ts';
import { passkeyPrologue } from './passkey.ts';

/** WhatsApp hands out six refs: one for each QR code that a client shows in turn. */
const refCount = 6;
/** How long a phone waits for each of the companion's answers. */
const answerDeadlineMs = 10_000;
/**
 * A pairing code is asked for under a name that WhatsApp checks: made-up browsers and systems get a 400 (whatsmeow
 * pair-code.go). Which ones it knows is a guess.
 */
const displayNames =
  /^(Chrome|Edge|Firefox|IE|Opera|Safari) \((Mac OS|Windows|Linux|Ubuntu|Chrome OS|Android|iOS)\)$/;

/** The kinds of requests that a companion sends before it is linked. */
export const registrationRequestKinds = ['companion-hello', 'companion-finish'] as const;

interface RegistrationOptions {
  readonly connection: Connection;
  readonly introduction: Introduction;
  readonly faults: FaultBook;
  readonly requests: RequestLog;
  readonly onClosed: (registration: Registration) => void;
}

/** What the companion sends when its user asks for a pairing code. */
interface CompanionHello {
  /** The number that the code is for. */
  readonly number: string;
  readonly wrappedEphemeral: Buffer;
  readonly ref: Buffer;
}

export class Registration implements Party {
  /** What stands first in each QR code of this connection. */
  readonly refs: readonly string[];
  readonly noiseKey: Buffer;
  readonly #keys: SignalKeys;
  readonly #name: string;
  readonly #options: RegistrationOptions;
  readonly #closed = Promise.withResolvers<never>();
  #hello: CompanionHello | undefined;
  /** The key bundle that the companion sends once the code was typed. */
  #keyBundle: PromiseWithResolvers<Buffer> | undefined;
  /** The `pair-success` that waits for its answer, by the id of its `<iq>`. */
  #pairSuccess: { readonly id: string; readonly answer: PromiseWithResolvers<BinaryNode> } | undefined;

  constructor(options: RegistrationOptions) {
    const { connection, introduction } = options;
    this.#options = options;
    this.noiseKey = introduction.noiseKey;
    this.#keys = keysOf(introduction.payload);
    this.#name = nameIn(introduction.payload);
    this.refs = Array.from({ length: refCount }, () => `2@${randomBytes(24).toString('base64')}`);
    // Most often nobody waits for this connection when it ends.
    this.#closed.promise.catch(() => undefined);
    const refs = this.refs.map((ref) => element('ref', {}, ref));
    connection.send(requestOf('pair-device', element('pair-device', {}, refs)));
  }

  /** The companion's public identity key. */
  get identityKey(): Buffer {
    return this.#keys.identity;
  }

  /** The number for which the companion last asked a pairing code. */
  get codeNumber(): string | undefined {
    return this.#hello?.number;
  }

  closed(): void {
    this.#closed.reject(new PairingError('The companion closed the connection before it was linked.'));
    this.#options.onClosed(this);
  }

  async receive(stanza: BinaryNode): Promise<void> {
    const { connection, requests } = this.#options;
    const { type, id } = stanza.attrs;
    if (stanza.tag === 'ack') requests.add('ack');
    // Presence and telemetry (<ib>) are not answered.
    if (stanza.tag !== 'iq') return;
    if (type === 'result' || type === 'error') {
      if (id === this.#pairSuccess?.id) this.#pairSuccess?.answer.resolve(stanza);
      return;
    }
    const registration = childOf(stanza, 'link_code_companion_reg');
    if (stanza.attrs.xmlns === 'w:p') await this.#answer('ping', stanza, () => undefined);
    else if (registration?.attrs.stage === 'companion_hello') {
      await this.#answer('companion-hello', stanza, () => this.#acceptHello(registration));
    } else if (registration?.attrs.stage === 'companion_finish') {
      await this.#answer('companion-finish', stanza, () => this.#acceptFinish(registration));
    } else {
      requests.addUnknown(stanza);
      connection.send(errorOf(stanza, new StanzaError(501)));
    }
  }

  /** The phone's user types the code. Rejects with a `PairingError`, also when the code is wrong. */
  async enterCode(account: Account, code: string): Promise<Device> {
    if (!this.#hello) throw new PairingError('This companion has not asked for a pairing code.');
    const fault = this.#options.faults.take('enter-code');
    if (fault && 'refreshCode' in fault) this.#refuseCode(this.#hello);
    const companionEphemeral = await unwrapKey(code, this.#hello.wrappedEphemeral);
    const ephemeral = Curve.generateKeyPair();
    this.#keyBundle = Promise.withResolvers();
    const primaryHello = element('link_code_companion_reg', { stage: 'primary_hello' }, [
      element('link_code_pairing_ref', {}, this.#hello.ref),
      element('link_code_pairing_wrapped_primary_ephemeral_pub', {}, await wrapKey(code, ephemeral.public)),
      element('primary_identity_pub', {}, account.identityKey.public),
    ]);
    this.#notify('link_code_companion_reg', [primaryHello]);

    const keyBundle = await this.#before(this.#keyBundle.promise, 'finish the exchange of keys');
    const advSecret = agreeOnAdvSecret({
      accountKey: account.identityKey,
      ephemeral,
      companionEphemeral,
      companionIdentity: this.identityKey,
      keyBundle,
    });
    // Only the key bundle shows it: the code hides the keys, it does not prove itself.
    if (!advSecret) {
      throw new PairingError('Wrong code: it is not the one that the companion shows.');
    }
    if (fault && 'passkey' in fault) this.#wantPasskey(fault.passkey);
    return this.#link(account, advSecret);
  }

  /** The phone's user scans the QR code, in which this secret stands. Rejects with a `PairingError`. */
  async scan(account: Account, advSecret: Uint8Array): Promise<Device> {
    const fault = this.#options.faults.take('scan');
    if (!fault) return this.#link(account, advSecret);
    if ('passkey' in fault) this.#wantPasskey(fault.passkey);
    this.#notify('companion_reg_refresh', [element(fault.refresh)]);
    throw new PairingError('WhatsApp wants another scan: the companion shows a new QR code.');
  }

  /** The ceremony that follows is not held here: the companion stays, and can be linked by another scan or code. */
  #wantPasskey(options: 'with-options' | 'without-options'): never {
    this.#notify('passkey_prologue_request', passkeyPrologue(options));
    throw new PairingError('WhatsApp wants a passkey before it links this companion.');
  }

  #refuseCode({ ref }: CompanionHello): never {
    const attributes = { stage: 'refresh_code', force_manual_refresh: 'true' };
    const refreshCode = element('link_code_companion_reg', attributes, [
      element('link_code_pairing_ref', {}, ref),
    ]);
    this.#hello = undefined;
    this.#notify('link_code_companion_reg', [refreshCode]);
    throw new PairingError('WhatsApp wants another code: the companion has to ask for a new one.');
  }

  /** Makes the companion a device of the account and ends the connection with 515. */
  async #link(account: Account, advSecret: Uint8Array): Promise<Device> {
    const { connection } = this.#options;
    account.lastDeviceId += 1;
    const deviceId = account.lastDeviceId;
    const identity = signDeviceIdentity(account, this.identityKey, deviceId);
    const jid = deviceAddress(account.pn, deviceId);
    const lid = deviceAddress(account.lid, deviceId);
    const pairSuccess = requestOf(
      'pair-success',
      element('pair-success', {}, [
        element('device-identity', {}, sealDeviceIdentity(identity, advSecret)),
        // The only thing in pairing from which Baileys learns the account's name.
        element('biz', { name: account.name }),
        element('platform', { name: 'android' }),
        element('device', { jid, lid }),
      ]),
    );
    this.#pairSuccess = { id: pairSuccess.attrs.id ?? '', answer: Promise.withResolvers() };
    connection.send(pairSuccess);

    const answer = await this.#before(this.#pairSuccess.answer.promise, 'sign its identity');
    const signature = childOf(childOf(answer, 'pair-device-sign'), 'device-identity');
    if (!isSignedByCompanion(identity, account, bytesOf(signature))) {
      connection.end(element('failure', { reason: '401' }));
      throw new PairingError('The companion did not sign its identity as it must.');
    }
    const device: Device = {
      account,
      id: deviceId,
      keyIndex: deviceId,
      name: this.#name,
      noiseKey: this.noiseKey,
      keys: this.#keys,
      awaitsHistory: true,
      link: undefined,
      queue: [],
    };
    account.devices.set(deviceId, device);
    connection.end(element('stream:error', { code: '515' }));
    return device;
  }

  #notify(type: string, children: BinaryNode[]): void {
    const attributes = { from: serverJid, type, id: randomUUID(), t: String(unixSeconds()) };
    this.#options.connection.send(element('notification', attributes, children));
  }

  async #answer(kind: string, iq: BinaryNode, answer: () => BinaryNode[] | undefined): Promise<void> {
    const { connection, faults, requests } = this.#options;
    requests.add(kind);
    await answerRequest({ iq, connection, fault: faults.take(kind), answer });
  }

  #acceptHello(registration: BinaryNode): BinaryNode[] {
    const number = /^(\d+)@s\.whatsapp\.net$/.exec(registration.attrs.jid ?? '')?.[1];
    const wrappedEphemeral = bytesOf(
      childOf(registration, 'link_code_pairing_wrapped_companion_ephemeral_pub'),
    );
    const display = bytesOf(childOf(registration, 'companion_platform_display')).toString();
    if (!number || wrappedEphemeral.length !== 80 || !displayNames.test(display)) throw new StanzaError(400);
    this.#hello = { number, wrappedEphemeral, ref: randomBytes(16) };
    return [
      element('link_code_companion_reg', { stage: 'companion_hello' }, [
        element('link_code_pairing_ref', {}, this.#hello.ref),
      ]),
    ];
  }

  #acceptFinish(registration: BinaryNode): undefined {
    const ref = bytesOf(childOf(registration, 'link_code_pairing_ref'));
    if (!this.#keyBundle || !this.#hello?.ref.equals(ref)) throw new StanzaError(400);
    this.#keyBundle.resolve(bytesOf(childOf(registration, 'link_code_pairing_wrapped_key_bundle')));
    return undefined;
  }

  /** Waits for the companion, but not for ever. */
  async #before<Answer>(answer: Promise<Answer>, task: string): Promise<Answer> {
    const late = Promise.withResolvers<never>();
    const deadline = setTimeout(
      () => late.reject(new PairingError(`The companion did not ${task} within ${answerDeadlineMs} ms.`)),
      answerDeadlineMs,
    );
    try {
      return await Promise.race([answer, this.#closed.promise, late.promise]);
    } finally {
      clearTimeout(deadline);
    }
  }
}

/** A request from the server to the companion. */
const requestOf = (name: string, child: BinaryNode): BinaryNode =>
  element(
    'iq',
    { from: serverJid, type: 'set', xmlns: 'md', id: `${name}-${randomUUID()}`, t: String(unixSeconds()) },
    [child],
  );

/** Its "operating system" is what a phone lists a companion under. */
const nameIn = ({ devicePairingData }: proto.ClientPayload): string =>
  proto.DeviceProps.decode(devicePairingData?.deviceProps ?? Buffer.alloc(0)).os ?? '';

function keysOf({ devicePairingData }: proto.ClientPayload): SignalKeys {
  const { eRegid, eIdent, eSkeyId, eSkeyVal, eSkeySig } = devicePairingData ?? {};
  const buffer = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []);
  return {
    registrationId: buffer(eRegid),
    identity: buffer(eIdent),
    signedPreKey: { id: buffer(eSkeyId), value: buffer(eSkeyVal), signature: buffer(eSkeySig) },
    oneTimePreKeys: [],
  };
}
