import {
  type BinaryNode,
  decodePatches,
  decodeSyncdSnapshot,
  encodeSyncdPatch,
  extractSyncdPatches,
  getBinaryNodeChild,
  getBinaryNodeChildren,
  isMissingKeyError,
  newLTHashState,
  proto,
  S_WHATSAPP_NET,
  type SignalDataTypeMap,
  type WAPatchCreate,
  type WAPatchName,
  type WASocket,
} from 'baileys';
import { GatewayError } from '../../errors.ts';
import { type Query, repeatable } from './query.ts';
import { accountFailure, Refusal } from './refusal.ts';

/** Our copy of a collection: its version, and the hash over everything in it. */
type Version = SignalDataTypeMap['app-state-sync-version'];

/** What was set, by any of the account's devices. */
type Settings = proto.ISyncActionValue;

/** How long a phone may take to share its keys before the caller is told so. */
const keyPatienceMs = 5_000;

/** WhatsApp hands out long collections in parts; more than this many is a server that does not come to an end. */
const mostParts = 50;

/** How long WhatsApp's file server may take: it sends what does not fit into an answer. */
const downloadTimeoutMs = 15_000;

interface AppStateOptions {
  readonly socket: Pick<WASocket, 'authState' | 'ev'>;
  readonly query: Query;
  /** Aborts when the connection ends. */
  readonly ended: AbortSignal;
  /** How long WhatsApp may take to answer a request; nobody waits longer for the phone either. */
  readonly queryTimeoutMs: number;
  /** Is told what others have set since we last looked. */
  readonly onSettings: (settings: Settings) => void;
}

/**
 * The settings that all devices of an account share ("app state"), in collections with a version each. WhatsApp keeps
 * them without being able to read them: the phone shares the key with its linked devices.
 *
 * Not Baileys' `appPatch`: it takes no answer for a yes, does not look into the one it gets, and asks for ever when
 * WhatsApp leaves a collection out. Its copies of the collections are used here, too, and kept up to date.
 * Source: whatsmeow appstate.go, sendAppState; Baileys Socket/chats.ts, appPatch and resyncAppState.
 */
export class AppState {
  readonly #options: AppStateOptions;
  /** The end of the last change: each builds on the version that the one before it left. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: AppStateOptions) {
    this.#options = options;
  }

  /**
   * Changes one setting. Resolves only when WhatsApp has taken the change.
   *
   * Errors: `whatsapp_unavailable`, also when the phone has not shared its keys, or another device was faster twice;
   * `whatsapp_rate_limited`, `whatsapp_refused`, `whatsapp_timeout`, `not_connected`.
   */
  async change(change: WAPatchCreate): Promise<void> {
    const keyId = await this.#keyId();
    await this.#inTurn(async () => {
      let version = (await this.#known(change.type)) ?? (await this.#fetch(change.type));
      if (await this.#send(change, keyId, version)) return;
      // Another device has changed something meanwhile: what it did comes first.
      version = await this.#fetch(change.type, version);
      if (await this.#send(change, keyId, version)) return;
      throw new GatewayError('whatsapp_unavailable', {
        message: 'Other devices of this account kept changing its settings meanwhile. Try again.',
        retryAfterSeconds: 1,
      });
    });
  }

  /** Looks at what others have set since the last time. Errors: as `change`. */
  async refresh(collection: WAPatchName): Promise<void> {
    await this.#keyId();
    await this.#inTurn(async () => this.#fetch(collection, await this.#known(collection)));
  }

  #inTurn(work: () => Promise<unknown>): Promise<unknown> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {}); // its own caller hears of it
    return turn;
  }

  /** The key that new changes are encrypted with. The phone shares it some time after it has linked us. */
  async #keyId(): Promise<string> {
    const { socket, ended, queryTimeoutMs } = this.#options;
    const { creds } = socket.authState;
    if (!creds.myAppStateKeyId) {
      const signal = AbortSignal.any([ended, AbortSignal.timeout(Math.min(keyPatienceMs, queryTimeoutMs))]);
      await new Promise<void>((resolve) => {
        const finish = () => {
          socket.ev.off('creds.update', look);
          signal.removeEventListener('abort', finish);
          resolve();
        };
        const look = ({ myAppStateKeyId }: { myAppStateKeyId?: string }) => myAppStateKeyId && finish();
        socket.ev.on('creds.update', look);
        signal.addEventListener('abort', finish);
        if (signal.aborted) finish();
      });
    }
    if (ended.aborted) throw new GatewayError('not_connected', { retryAfterSeconds: 1 });
    if (creds.myAppStateKeyId) return creds.myAppStateKeyId;
    throw keysMissing();
  }

  readonly #key = async (id: string) =>
    (await this.#options.socket.authState.keys.get('app-state-sync-key', [id]))[id];

  async #known(collection: WAPatchName): Promise<Version | undefined> {
    const known = await this.#options.socket.authState.keys.get('app-state-sync-version', [collection]);
    return known[collection];
  }

  async #keep(collection: WAPatchName, version: Version): Promise<void> {
    await this.#options.socket.authState.keys.set({ 'app-state-sync-version': { [collection]: version } });
  }

  /** Whether WhatsApp took the change; `false` when it knows a newer version than we do. */
  async #send(change: WAPatchCreate, keyId: string, version: Version): Promise<boolean> {
    const { patch, state } = await encodeSyncdPatch(change, keyId, version, this.#key);
    const content = [{ tag: 'patch', attrs: {}, content: proto.SyncdPatch.encode(patch).finish() }];
    try {
      await this.#ask(change.type, { version, wantsSnapshot: false, content }, repeatable);
    } catch (error) {
      if (error instanceof Refusal && error.code === 409) return false;
      throw accountFailure(error);
    }
    await this.#keep(change.type, state);
    return true;
  }

  /** Catches up with WhatsApp's version, from ours or, without one, from nothing. */
  async #fetch(collection: WAPatchName, known?: Version): Promise<Version> {
    let version = known ?? newLTHashState();
    for (let part = 0; part < mostParts; part++) {
      const wantsSnapshot = version.version === 0;
      const answer = await this.#ask(collection, { version, wantsSnapshot }).catch((error: unknown) => {
        throw accountFailure(error);
      });
      const read = await this.#decode(collection, answer, version).catch((error: unknown) => {
        if (known === undefined) throw error;
      });
      // Our copy may be what is wrong: without one, WhatsApp sends all there is.
      if (!read) return this.#fetch(collection);
      version = read.version;
      if (read.isLast) {
        await this.#keep(collection, version);
        return version;
      }
    }
    throw unreadable('WhatsApp does not come to an end.');
  }

  async #decode(
    collection: WAPatchName,
    answer: BinaryNode,
    before: Version,
  ): Promise<{ version: Version; isLast: boolean }> {
    const complaints: string[] = [];
    const logger = listening(complaints);
    try {
      const parts = await withinTime(extractSyncdPatches(answer, {}), downloadTimeoutMs);
      const { snapshot, patches, hasMorePatches } = parts[collection];
      let version = before;
      const found: Settings[] = [];
      const note = (mutations: Awaited<ReturnType<typeof decodePatches>>['mutationMap']) => {
        for (const { syncAction } of Object.values(mutations))
          if (syncAction.value) found.push(syncAction.value);
      };
      if (snapshot) {
        const read = await decodeSyncdSnapshot(collection, snapshot, this.#key, undefined, true, logger);
        version = read.state;
        note(read.mutationMap);
      }
      if (patches.length > 0) {
        const read = await decodePatches(
          collection,
          patches,
          version,
          this.#key,
          {},
          undefined,
          logger,
          true,
        );
        version = read.state;
        note(read.mutationMap);
      }
      // Baileys goes on with what it could read. Changes that build on it would be refused by the other devices.
      if (complaints.length > 0) throw new Error(complaints.join('; '));
      for (const settings of found) this.#options.onSettings(settings);
      return { version, isLast: !hasMorePatches };
    } catch (error) {
      throw isMissingKeyError(error) ? keysMissing(error) : unreadable(error);
    }
  }

  /** Asks for what is new in a collection or, with content, for a change of it. Rejects with the `Refusal` in an answer. */
  async #ask(
    name: WAPatchName,
    { version, wantsSnapshot, content }: { version: Version; wantsSnapshot: boolean; content?: BinaryNode[] },
    whenUnknown?: string,
  ): Promise<BinaryNode> {
    const attrs = { name, version: String(version.version), return_snapshot: String(wantsSnapshot) };
    const collection = { tag: 'collection', attrs, ...(content && { content }) };
    const answer = await this.#options.query(
      {
        attrs: { to: S_WHATSAPP_NET, type: 'set', xmlns: 'w:sync:app:state' },
        content: [{ tag: 'sync', attrs: {}, content: [collection] }],
      },
      whenUnknown,
    );
    const sync = getBinaryNodeChild(answer, 'sync');
    const answered = getBinaryNodeChildren(sync, 'collection').find((child) => child.attrs.name === name);
    const error = getBinaryNodeChild(sync, 'error') ?? getBinaryNodeChild(answered, 'error');
    if (error || answered?.attrs.type === 'error') throw new Refusal(error);
    if (answered) return answer;
    throw new GatewayError('whatsapp_timeout', {
      message: content
        ? `WhatsApp answered without confirming the change, so the outcome is unknown. ${repeatable}`
        : "WhatsApp's answer does not contain what was asked for. Try again.",
    });
  }
}

const keysMissing = (cause?: unknown): GatewayError =>
  new GatewayError('whatsapp_unavailable', {
    message:
      'The phone has not shared the keys to its settings with us yet. Keep it online with WhatsApp open, and try again.',
    retryAfterSeconds: 10,
    cause,
  });

const unreadable = (cause: unknown): GatewayError =>
  new GatewayError('whatsapp_unavailable', {
    message:
      "The account's settings, as WhatsApp keeps them, could not be read. Try again later; if it goes on, make the change on the phone.",
    retryAfterSeconds: 10,
    cause,
  });

/** A logger for Baileys that keeps its warnings: they are all it says of patches that it left out. */
function listening(complaints: string[]) {
  const ignore = () => {};
  const note = (_: unknown, message = 'unknown') => void complaints.push(message);
  const logger = {
    level: 'warn',
    child: () => logger,
    trace: ignore,
    debug: ignore,
    info: ignore,
    warn: note,
    error: note,
  };
  return logger;
}

async function withinTime<Result>(work: Promise<Result>, timeoutMs: number): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`No answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
