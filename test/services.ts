/** What the HTTP server stands on, for tests of the server alone: the real storage and sessions, no WhatsApp. */
import { pino } from 'pino';
import { systemClock } from '../src/clock.ts';
import type { Services } from '../src/http/services.ts';
import { startPhotoJobs } from '../src/jobs/photo-job-runner.ts';
import { Photos } from '../src/photos/photos.ts';
import { Secret } from '../src/secret.ts';
import { startSessions } from '../src/sessions/sessions.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import { connectBaileys } from '../src/whatsapp/baileys/connect.ts';
import { isPaired } from '../src/whatsapp/baileys/is-paired.ts';
import { clientToken, partnerToken, temporaryFolder } from './harness.ts';

export interface TestServices extends AsyncDisposable {
  readonly services: Services;
  /** What is right to send: the account's tokens, and an instance whose phone was never paired. */
  readonly known: {
    readonly clientToken: string;
    readonly partnerToken: string;
    readonly instanceId: string;
    readonly instanceToken: string;
  };
}

/** Opens them in a temporary folder. Operations with pictures have tests of their own: here none can be read. */
export async function openServices(): Promise<TestServices> {
  await using parts = new AsyncDisposableStack();
  const { path: dataDir } = parts.use(await temporaryFolder());
  const storage = parts.use(await openStorage({ dataDir }));
  const { account } = await storage.openAccount({
    clientToken: new Secret(clientToken),
    partnerToken: new Secret(partnerToken),
  });
  const logger = pino({ enabled: false });
  const sessions = parts.use(
    await startSessions({
      instances: [],
      keysOf: (instance) => storage.sessionKeys.keysOf(instance),
      isPaired,
      connect: connectBaileys({ webSocketUrl: 'ws://127.0.0.1:9', logger }),
      clock: systemClock,
      random: Math.random,
      logger,
    }),
  );
  const { id, token } = await storage.instances.create({ name: 'Support' });
  const noPictures = () => Promise.reject(new Error('There are no pictures here.'));
  const photos = parts.use(
    new Photos((instance) => ({
      connected: (patienceMs) => sessions.of(instance).connected(patienceMs),
      store: storage.photoHistory.photosOf(instance),
      keep: 20,
      readPhoto: noPictures,
      showSamePicture: noPictures,
      sizeOf: () => undefined,
      clock: systemClock,
      logger,
    })),
  );
  const jobs = parts.use(
    await startPhotoJobs({
      store: storage.photoJobs,
      groupPhotosOf: (instance) => photos.of(instance),
      connected: (instance) => sessions.of(instance).connected(),
      phoneOf: (instance) => sessions.of(instance).status().me?.phone,
      clock: systemClock,
      logger,
      paceMs: 0,
    }),
  );
  const owned = parts.move();
  return {
    services: {
      account: { asksForClientToken: true, ...account },
      async findInstance(wanted) {
        const instance = await storage.instances.find(wanted);
        return (
          instance && {
            instance,
            updateInstance: async () => instance,
            deleteInstance: async () => {},
            session: sessions.of(wanted),
            groupPhotos: photos.of(wanted),
            photoJobs: jobs.of(wanted),
          }
        );
      },
      createInstance: (given) => storage.instances.create(given),
      listInstances: async () => ({ instances: [], total: 0 }),
      isProxyReachable: async () => false,
      readPicture: noPictures,
      renderGroupPhoto: noPictures,
      idempotentRequests: storage.idempotentRequests,
      now: () => systemClock.now(),
      isReady: async () => true,
      handling: 'lenient',
      version: '0.0.0',
    },
    known: { clientToken, partnerToken, instanceId: id, instanceToken: token },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
