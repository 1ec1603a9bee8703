/** What tests of photos over time start from: real sessions and storage, and a simulated WhatsApp, on loopback. */
import { pino } from 'pino';
import type { Group } from '../simulator/groups/group-book.ts';
import type { Phone } from '../simulator/phone.ts';
import { phoneRequest } from '../simulator/phone-request.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../simulator/simulator.ts';
import { type BinaryNode, element } from '../simulator/stanza.ts';
import { pictureSet } from '../simulator/stanzas/picture-set.ts';
import { systemClock } from '../src/clock.ts';
import { type GroupId, type InstanceId, type PictureId, parseGroupId, pictureIdFrom } from '../src/ids.ts';
import { ByteBudget } from '../src/media/byte-budget.ts';
import { limits } from '../src/media/limits.ts';
import { createPhotoReader } from '../src/media/whatsapp-photo.ts';
import { InstancePhotos, type InstancePhotosOptions } from '../src/photos/instance-photos.ts';
import { jpegSize } from '../src/pictures/jpeg-size.ts';
import { showSamePicture } from '../src/pictures/same-picture.ts';
import type { Session } from '../src/sessions/session.ts';
import { startSessions } from '../src/sessions/sessions.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import { connectBaileys } from '../src/whatsapp/baileys/connect.ts';
import { isPaired } from '../src/whatsapp/baileys/is-paired.ts';
import { MemoryKeyStore } from '../src/whatsapp/memory-key-store.fixture.ts';
import type { KeyStore } from '../src/whatsapp/whatsapp.ts';
import { temporaryFolder } from './harness.ts';

/** A group of `alice`, whose phone the session is linked to, and `bob`. */
export interface PhotoGroup {
  readonly id: GroupId;
  readonly group: Group;
  /** Bob changes the photo on his phone; without a JPEG, he removes it. Resolves with its id. */
  bobSets(jpeg: Buffer | undefined): Promise<string | undefined>;
  /** The same on Alice's phone. */
  aliceSets(jpeg: Buffer | undefined): Promise<string | undefined>;
  /** Bob sets the photo, and nobody is told. Gives its id. */
  bobSetsUnheard(jpeg: Buffer): PictureId;
}

export interface PhotoWorld extends AsyncDisposable {
  readonly whatsapp: Simulator;
  readonly alice: Phone;
  readonly session: Session;
  readonly keys: KeyStore;
  readonly photos: InstancePhotos;
  /** The same over the same storage, with other options. */
  photosWith(options: Partial<InstancePhotosOptions>): InstancePhotos;
  newGroup(settings?: { readonly locked?: boolean; readonly owner?: 'alice' | 'bob' }): PhotoGroup;
}

/** Connections come back at once, and count as good at once. */
const hastyClock = {
  now: systemClock.now,
  after: (delayMs: number, action: () => void) =>
    systemClock.after(delayMs <= 1_000 || delayMs === 30_000 ? 10 : delayMs, action),
};

/**
 * A world of photos. Requests to WhatsApp time out after `queryTimeoutMs` (500 ms), a change after 8 s, and 20 photos
 * are kept of each group.
 */
export async function startPhotoWorld({
  simulator = {},
  queryTimeoutMs = 500,
  ...options
}: {
  simulator?: SimulatorOptions;
  queryTimeoutMs?: number;
} & Partial<InstancePhotosOptions> = {}): Promise<PhotoWorld> {
  await using parts = new AsyncDisposableStack();
  const logger = pino({ level: 'silent' });
  const whatsapp = parts.use(await startSimulator({ preKeyCount: 100, ...simulator }));
  const folder = parts.use(await temporaryFolder());
  const storage = parts.use(await openStorage({ dataDir: folder.path }));
  const { id: instance } = await storage.instances.create({ name: 'Test' });
  const keys = new MemoryKeyStore();
  const heard: InstancePhotos[] = [];
  const sessions = parts.use(
    await startSessions({
      instances: [{ id: instance, isMoved: false }],
      keysOf: () => keys,
      isPaired,
      connect: connectBaileys({ ...whatsapp, logger, queryTimeoutMs }),
      clock: hastyClock,
      random: () => 0,
      logger,
      onEvent: (_: InstanceId, event) => {
        if (event.type === 'group-photo') for (const photos of heard) photos.heard(event);
      },
    }),
  );
  const session = sessions.of(instance);
  const { readPhoto } = parts.use(
    createPhotoReader({ allow: ['127.0.0.1'], userAgent: 'test', budget: new ByteBudget(limits.heldBytes) }),
  );
  const photosWith = (changed: Partial<InstancePhotosOptions>): InstancePhotos => {
    const photos = new InstancePhotos({
      connected: (patienceMs) => session.connected(patienceMs),
      store: storage.photoHistory.photosOf(instance),
      keep: 20,
      readPhoto,
      showSamePicture,
      sizeOf: jpegSize,
      clock: systemClock,
      logger,
      changeLimitMs: 8_000,
      ...options,
      ...changed,
    });
    heard.push(photos);
    return photos;
  };
  parts.defer(async () => {
    for (const photos of heard) await photos[Symbol.asyncDispose]();
  });
  const photos = photosWith({});

  const alice = whatsapp.phone('5511999990001', 'Alice');
  const bob = whatsapp.phone('5511999990002', 'Bob');
  await alice.scan(await session.qr());
  await session.connected();
  const owned = parts.move();
  return {
    whatsapp,
    alice,
    session,
    keys,
    photos,
    photosWith,
    newGroup({ locked = false, owner = 'alice' } = {}) {
      const people = owner === 'alice' ? ([alice, bob] as const) : ([bob, alice] as const);
      const group = people[0].createGroup({ subject: 'Family', participants: [people[1]], locked });
      const id = parseGroupId(group.id);
      if (!id) throw new Error(`${group.id} is no group id`);
      const setsBy = (phone: Phone) => async (jpeg: Buffer | undefined) => {
        const picture: BinaryNode[] = jpeg ? [element('picture', { type: 'image' }, jpeg)] : [];
        const iq = element('iq', { type: 'set', xmlns: pictureSet.xmlns, target: id }, picture);
        const answer = await pictureSet.answer(phoneRequest(whatsapp.world, phone.account, iq));
        return answer?.[0]?.attrs.id;
      };
      return {
        id,
        group,
        bobSets: setsBy(bob),
        aliceSets: setsBy(alice),
        bobSetsUnheard(jpeg) {
          const picture = { jpeg, width: 640, height: 640, setBy: bob.account };
          return pictureIdFrom(whatsapp.world.groups.setPicture(group, picture).id);
        },
      };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
