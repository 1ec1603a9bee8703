/** For tests of jobs: a runner on real storage, time that stands still, and groups whose answers the test gives. */
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextRound } from 'node:timers/promises';
import { pino } from 'pino';
import { GatewayError } from '../errors.ts';
import type { GroupPhotos, Turn } from '../group-photos.ts';
import {
  type GroupId,
  type InstanceId,
  type PhoneNumber,
  type PictureId,
  parseGroupId,
  parsePhoneNumber,
  pictureIdFrom,
} from '../ids.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import type { PhotoJob, PhotoJobs } from '../photo-jobs.ts';
import { TurnLines } from '../photos/turn-lines.ts';
import { openStorage } from '../storage/open-storage.ts';
import type { JobStore } from './job-store.ts';
import { type PhotoJobRunner, startPhotoJobs } from './photo-job-runner.ts';

/** The pace of the jobs of a `JobWorld`. */
export const paceMs = 60_000;

export const jpeg = Buffer.from('a picture as good as any other');

/** The group with this number. */
export function group(number: number): GroupId {
  const id = parseGroupId(`12036301950265${String(number).padStart(4, '0')}`);
  if (!id) throw new Error(`No group has the number ${number}`);
  return id;
}

/** The number `55119999900…`. */
export function phone(number: number): PhoneNumber {
  const found = parsePhoneNumber(`55119999900${String(number).padStart(2, '0')}`);
  if (!found) throw new Error(`No phone has the number ${number}`);
  return found;
}

/** Waits until something is so, for 10 s at most; what was ready to happen before has happened then. */
export async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  const giveUp = Date.now() + 10_000;
  do {
    if (Date.now() > giveUp) throw new Error(`Waited for 10 s, but not: ${what}`);
    await nextRound();
  } while (!(await isSo()));
}

/** What a job is, a line a group: `done 7`, `failed not_group_admin`, `waiting`, `waiting overloaded` … */
export const resultsOf = (job: PhotoJob | undefined): string[] | undefined =>
  job?.results.map(({ state, pictureId, failure }) =>
    [state, pictureId, failure?.code].filter((part) => part !== undefined).join(' '),
  );

/** Waits until the groups of a job are in these states, as `resultsOf` tells them; gives the job. */
export async function reaches(
  jobs: PhotoJobs,
  { id }: PhotoJob,
  results: readonly (string | RegExp)[],
): Promise<PhotoJob> {
  let job: PhotoJob | undefined;
  await until(`the results are ${results.join(', ')}`, async () => {
    job = await jobs.find(id);
    const found = resultsOf(job) ?? [];
    return results.every((result, place) =>
      result instanceof RegExp ? result.test(found[place] ?? '') : result === found[place],
    );
  });
  return job as PhotoJob;
}

/** Waits until a job is over; gives it. */
export async function ends(jobs: PhotoJobs, { id }: PhotoJob): Promise<PhotoJob> {
  let job: PhotoJob | undefined;
  await until('the job is over', async () => {
    job = await jobs.find(id);
    return job?.finishedAt !== undefined;
  });
  return job as PhotoJob;
}

/** A store that does what `store` does, all but `instead`. */
export const storeWith = (store: JobStore, instead: Partial<JobStore>): JobStore =>
  new Proxy(store, {
    get: (target, name) => Reflect.get(instead, name) ?? Reflect.get(target, name).bind(target),
  });

/** A change that WhatsApp is asked for. */
interface Asked {
  readonly group: GroupId;
  readonly jpeg: Uint8Array;
  readonly force: boolean | undefined;
  confirm(pictureId: string): void;
  fail(error: Error): void;
}

const newLines = () => new TurnLines({ clock: { now: () => new Date() } });

/** The groups of one instance: each change waits for its answer by the test. */
class AnsweredGroups implements PhotosOfJobs {
  #lines = newLines();
  turnsTaken = 0;
  /** Every change that was asked for, the first one first. */
  readonly asked: Asked[] = [];

  /** A process forgets who waited in the one before. */
  forgetTurns(): void {
    this.#lines = newLines();
  }

  takeTurn(id: GroupId): Turn {
    this.turnsTaken++;
    return this.#lines.take(id);
  }

  set(id: GroupId, bytes: Uint8Array, { force }: { force?: boolean | undefined } = {}): Promise<PictureId> {
    const { promise, resolve, reject } = Promise.withResolvers<PictureId>();
    const confirm = (pictureId: string) => resolve(pictureIdFrom(pictureId));
    this.asked.push({ group: id, jpeg: bytes, force, confirm, fail: reject });
    return promise;
  }

  /** The change that is asked for as the `count`-th, once it is. */
  async change(count: number): Promise<Asked> {
    await until(`change ${count} is asked for`, () => this.asked.length >= count);
    return this.asked[count - 1] as Asked;
  }
}

/** One instance and its groups. */
interface InstanceOfTest {
  readonly id: InstanceId;
  readonly groups: AnsweredGroups;
  /** The number that is paired with it, while there is one. */
  phone: PhoneNumber | undefined;
  /** Why there is no connection, while there is none. */
  offline: GatewayError | undefined;
}

type PhotosOfJobs = Pick<GroupPhotos, 'takeTurn' | 'set'>;

/** What stands for one process: a runner with a clock of its own. */
interface ProcessOfTest extends AsyncDisposable {
  readonly runner: PhotoJobRunner;
  readonly clock: ManualClock;
}

/** A data directory and the instances in it, which outlast the processes that work on them. */
export interface JobWorld extends AsyncDisposable {
  readonly store: JobStore;
  /** What was logged as an error, by all processes. */
  readonly errors: readonly string[];
  instance(): Promise<InstanceOfTest>;
  /** Starts a process; `store` stands in front of the world's own, and `photos` in place of answers by the test. */
  start(options?: { readonly store?: JobStore; readonly photos?: PhotosOfJobs }): Promise<ProcessOfTest>;
}

export async function openJobWorld(): Promise<JobWorld> {
  await using parts = new AsyncDisposableStack();
  const directory = parts.use(await mkdtempDisposable(join(tmpdir(), 'pombo-jobs-')));
  const storage = parts.use(await openStorage({ dataDir: directory.path }));
  const instances = new Map<InstanceId, InstanceOfTest>();
  const instanceOf = (id: InstanceId): InstanceOfTest => {
    const instance = instances.get(id);
    if (!instance) throw new Error(`There is no instance ${id}`);
    return instance;
  };
  const errors: string[] = [];
  const logger = pino({ level: 'error' }, { write: (line: string) => void errors.push(line) });
  const owned = parts.move();
  return {
    store: storage.photoJobs,
    errors,
    async instance() {
      const { id } = await storage.instances.create({ name: 'shop' });
      const instance = { id, groups: new AnsweredGroups(), phone: phone(1), offline: undefined };
      instances.set(id, instance);
      return instance;
    },
    async start({ store = storage.photoJobs, photos } = {}) {
      const clock = new ManualClock();
      for (const { groups } of instances.values()) groups.forgetTurns();
      const runner = await startPhotoJobs({
        store,
        groupPhotosOf: (id) => photos ?? instanceOf(id).groups,
        async connected(id) {
          const { offline, phone } = instanceOf(id);
          if (offline || !phone) throw offline ?? new GatewayError('not_connected');
          return { me: { phone } };
        },
        phoneOf: (id) => instanceOf(id).phone,
        clock,
        logger,
        paceMs,
      });
      return {
        runner,
        clock,
        async [Symbol.asyncDispose]() {
          const closed = runner[Symbol.asyncDispose]();
          clock.pass(10_000); // for a change that is never answered
          await closed;
        },
      };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
