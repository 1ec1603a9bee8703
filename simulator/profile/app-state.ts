/**
 * The settings that the devices of an account share ("app state"), from both sides: the server keeps patches that it
 * cannot read, and the phone, which made the key, reads them. Sources: whatsmeow appstate/decode.go and encode.go.
 */
import { randomBytes } from 'node:crypto';
import {
  chatModificationToAppPatch,
  decodePatches,
  encodeSyncdPatch,
  newLTHashState,
  proto,
  type WAPatchName,
} from 'baileys';
import { pino } from 'pino';

interface Collection {
  /** Encoded, oldest first; the version of each is its place, counted from 1. */
  readonly patches: Buffer[];
  /** What the phone made of them. */
  seen: ReturnType<typeof newLTHashState>;
}

interface AppStateOptions {
  /** The phone's name, which is a setting like others. */
  readonly name: string;
  /** The phone has learnt another name. */
  readonly onName: (name: string) => void;
}

/** With a handful it shows that a client asks for the rest; how many WhatsApp sends at once is not known. */
const mostPatchesAtOnce = 5;

export class AppState {
  /** What the phone shares with its linked devices; the id is 6 bytes, the data 32. */
  readonly key = { id: randomBytes(6), data: randomBytes(32) };
  /** Whether the phone shares the key; one that is switched off right after a pairing does not. */
  sharesKey = true;
  /** The devices that have confirmed the key. */
  readonly keyHolders = new WeakSet<object>();
  readonly #options: AppStateOptions;
  readonly #collections = new Map<string, Collection>();
  /** The end of what was asked last; `undefined` before the first. */
  #turn: Promise<unknown> | undefined;

  constructor(options: AppStateOptions) {
    this.#options = options;
  }

  owesKeyTo(device: object): boolean {
    return this.sharesKey && !this.keyHolders.has(device);
  }

  /** The patches after `version`, oldest first, as many as fit into an answer; and the version to which they lead. */
  after(name: string, version: number): Promise<{ patches: Buffer[]; version: number; hasMore: boolean }> {
    return this.#inTurn(async () => {
      const all = this.#collection(name).patches;
      const patches = all.slice(version, version + mostPatchesAtOnce);
      return {
        patches,
        version: Math.min(all.length, version + patches.length),
        hasMore: all.length > version + patches.length,
      };
    });
  }

  /**
   * Takes a patch that builds on `version`; `false` when there is another version by now. Rejects for a patch that the
   * phone cannot read.
   */
  push(name: string, version: number, bytes: Buffer): Promise<boolean> {
    return this.#inTurn(async () => {
      if (version !== this.#collection(name).patches.length) return false;
      await this.#append(name, proto.SyncdPatch.decode(bytes));
      return true;
    });
  }

  /** The phone gives itself another name. Resolves with the name and version of the collection that it is in. */
  rename(name: string): Promise<{ collection: string; version: number }> {
    return this.#inTurn(() => this.#rename(name));
  }

  /** One after another, because each patch builds on the one before. The name stands in the first. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#turn ??= this.#rename(this.#options.name);
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {}); // whoever asked for it hears of it
    return turn;
  }

  async #rename(name: string): Promise<{ collection: string; version: number }> {
    const change = chatModificationToAppPatch({ pushNameSetting: name }, '');
    const { seen, patches } = this.#collection(change.type);
    const { patch } = await encodeSyncdPatch(change, this.key.id.toString('base64'), seen, this.#key);
    await this.#append(change.type, patch);
    return { collection: change.type, version: patches.length };
  }

  async #append(name: string, patch: proto.ISyncdPatch): Promise<void> {
    const collection = this.#collection(name);
    const numbered = { ...patch, version: { version: collection.patches.length + 1 } };
    const encoded = Buffer.from(proto.SyncdPatch.encode(numbered).finish());
    const problems: string[] = [];
    const logger = pino({ level: 'silent' });
    logger.warn = (_: unknown, problem = '') => void problems.push(problem);
    const { state, mutationMap } = await decodePatches(
      name as WAPatchName,
      [proto.SyncdPatch.decode(encoded)],
      collection.seen,
      this.#key,
      {},
      undefined,
      logger,
      true,
    );
    if (problems.length > 0)
      throw new Error(`The phone cannot read a patch of ${name}: ${problems.join('; ')}`);
    collection.patches.push(encoded);
    collection.seen = state;
    for (const { syncAction } of Object.values(mutationMap)) {
      const newName = syncAction.value?.pushNameSetting?.name;
      if (newName) this.#options.onName(newName);
    }
  }

  #collection(name: string): Collection {
    const known = this.#collections.get(name) ?? { patches: [], seen: newLTHashState() };
    this.#collections.set(name, known);
    return known;
  }

  readonly #key = async () => proto.Message.AppStateSyncKeyData.create({ keyData: this.key.data });
}
