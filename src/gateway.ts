import type { Logger } from 'pino';
import packageInfo from '../package.json' with { type: 'json' };
import { systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { GatewayError } from './errors.ts';
import { giveBack } from './give-back.ts';
import { Habits } from './habits/habits.ts';
import { startHttp } from './http/server.ts';
import type { Services } from './http/services.ts';
import type { InstanceId } from './ids.ts';
import type { Instance, InstanceChange } from './instance.ts';
import { startPhotoJobs } from './jobs/photo-job-runner.ts';
import { ByteBudget } from './media/byte-budget.ts';
import { createTextReader } from './media/fetch-text.ts';
import { limits } from './media/limits.ts';
import { createPictureReader, type PictureReader } from './media/read-picture.ts';
import { createPhotoReader, type PhotoReader } from './media/whatsapp-photo.ts';
import * as operations from './operations/index.ts';
import { Photos } from './photos/photos.ts';
import { jpegSize } from './pictures/jpeg-size.ts';
import { RenderPool } from './pictures/render-pool.ts';
import { startSessions } from './sessions/sessions.ts';
import type { AccountTokens } from './storage/account.ts';
import { openStorage, type Storage } from './storage/open-storage.ts';
import { isPaired } from './whatsapp/baileys/is-paired.ts';
import { openEngine } from './whatsapp/baileys/open-engine.ts';

export interface Gateway extends AsyncDisposable {
  /** Where the API listens: `http://host:port`. */
  readonly url: string;
  /** The tokens that this start had to make: the only time they can be seen. */
  readonly madeTokens: AccountTokens;
  readonly instances: {
    list(): Promise<Instance[]>;
    create: Services['createInstance'];
    /** See `SessionControl.qr`. */
    qr(instance: Instance): Promise<string>;
  };
}

/**
 * How long requests in flight may take to finish when the gateway stops. Together with the closing of the sessions
 * (3 s) it has to stay below the 10 s that supervisors wait before they kill.
 */
const requestGraceMs = 5_000;

/**
 * Builds the gateway from its parts and starts it. Disposing stops accepting requests, lets those in flight finish,
 * and closes the sessions and the database.
 *
 * `whatsappTimeoutMs` is how long WhatsApp may take to answer a request (20 s), `photoChangeLimitMs` how long the change of
 * a photo may take with all that is done to learn its outcome (45 s).
 * Errors: `StorageError` (data directory), those of listening (`EADDRINUSE`, `EACCES`).
 */
export async function startGateway(
  config: Config,
  {
    logger,
    whatsappTimeoutMs,
    photoChangeLimitMs,
  }: { logger: Logger; whatsappTimeoutMs?: number; photoChangeLimitMs?: number },
): Promise<Gateway> {
  await using parts = new AsyncDisposableStack(); // a failed start closes what was already open
  const storage = parts.use(await openStorage(config));
  const { account, made } = await storage.openAccount(config);
  const pictures = parts.use(openPictures(config));
  await storage.photoHistory.prune(config.photoHistory); // it may have kept more before
  const { fetchText } = parts.use(
    createTextReader({ allow: config.fetchAllow, budget: new ByteBudget(limits.heldBytes) }),
  );
  const engine = openEngine({
    webSocketUrl: config.whatsappUrl,
    rootPublicKey: config.whatsappRootKey,
    version: config.whatsappVersion,
    versionStore: storage.whatsappVersion,
    fetchText,
    clock: systemClock,
    logger,
    ...(whatsappTimeoutMs !== undefined && { queryTimeoutMs: whatsappTimeoutMs }),
  });
  const photos = new Photos((instance) => ({
    connected: (patienceMs) => sessions.of(instance).connected(patienceMs),
    store: storage.photoHistory.photosOf(instance),
    keep: config.photoHistory,
    readPhoto: pictures.readPhoto,
    showSamePicture: pictures.showSamePicture,
    sizeOf: jpegSize,
    clock: systemClock,
    logger: logger.child({ instance }),
    ...(photoChangeLimitMs !== undefined && { changeLimitMs: photoChangeLimitMs }),
  }));
  const sessions = parts.use(
    await startSessions({
      instances: (await storage.instances.list()).map(({ id, movedAt }) => ({
        id,
        isMoved: movedAt !== undefined,
      })),
      keysOf: (instance) => storage.sessionKeys.keysOf(instance),
      isPaired,
      connect: engine.connect,
      isReachable: () => engine.isReachable(),
      clock: systemClock,
      random: Math.random,
      logger,
      async dialOptions(id) {
        const instance = await storage.instances.find(id);
        const { proxy, settings } = instance ?? {};
        return { deviceName: settings?.sessionName, proxyUrl: proxy?.isEnabled ? proxy.url : undefined };
      },
      onEvent(instance, event) {
        if (event.type === 'group-photo') photos.of(instance).heard(event);
        else habits.heard(instance, event);
      },
      onTakenBack(instance) {
        storage.instances.update(instance, { movedAt: undefined }).catch((error) => {
          logger.error({ err: error, instance }, 'The mark of a moved instance could not be taken away');
        });
      },
      connectAtOnce: config.connectAtOnce,
      patience: { pairingMs: config.pairingSeconds * 1_000 },
    }),
  );
  const habits = parts.use(
    new Habits({
      settingsOf: async (instance) => (await storage.instances.find(instance))?.settings,
      connected: (instance) => sessions.of(instance).connected(),
      logger,
      clock: systemClock,
    }),
  );
  parts.use(photos); // ends before the sessions that it waits for
  const jobs = parts.use(
    await startPhotoJobs({
      store: storage.photoJobs,
      groupPhotosOf: (instance) => photos.of(instance),
      connected: (instance) => sessions.of(instance).connected(),
      phoneOf: (instance) => sessions.of(instance).status().me?.phone,
      clock: systemClock,
      logger,
      paceMs: config.photoPaceSeconds * 1_000,
    }),
  );
  async function deleteInstance(id: InstanceId): Promise<void> {
    await sessions.remove(id);
    jobs.abandon(id);
    await photos.abandon(id);
    await storage.instances.remove(id);
  }
  const services: Services = {
    account: { asksForClientToken: config.askForClientToken === 'yes', ...account },
    async findInstance(id) {
      const instance = await storage.instances.find(id);
      return (
        instance && {
          instance,
          updateInstance: (change) => updateInstance(storage, id, change),
          deleteInstance: () => deleteInstance(id),
          session: sessions.of(instance.id),
          groupPhotos: photos.of(instance.id),
          photoJobs: jobs.of(instance.id),
        }
      );
    },
    createInstance: (instance) => storage.instances.create(instance),
    async listInstances(page) {
      const { instances, total } = await storage.instances.page(page);
      return {
        instances: instances.map((instance) => ({ instance, status: sessions.of(instance.id).status() })),
        total,
      };
    },
    isProxyReachable: (url) => engine.isProxyReachable(url),
    readPicture: pictures.readPicture,
    renderGroupPhoto: pictures.renderGroupPhoto,
    idempotentRequests: storage.idempotentRequests,
    now: () => systemClock.now(),
    isReady: () => storage.isReachable(),
    handling: config.handling,
    version: packageInfo.version,
  };
  const { host, port } = config;
  const http = parts.use(
    await startHttp({
      operations: Object.values(operations),
      services,
      host,
      port,
      logger,
      graceMs: requestGraceMs,
    }),
  );

  const owned = parts.move();
  return {
    url: http.url,
    madeTokens: made,
    instances: {
      list: () => storage.instances.list(),
      create: services.createInstance,
      qr: ({ id }) => sessions.of(id).qr(),
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function updateInstance(
  { instances }: Storage,
  id: InstanceId,
  change: InstanceChange,
): Promise<Instance> {
  const changed = await instances.update(id, change);
  if (!changed) throw new GatewayError('instance_not_found');
  return changed;
}

interface Pictures
  extends PictureReader,
    PhotoReader,
    Pick<RenderPool, 'renderGroupPhoto' | 'showSamePicture'> {}

/** What reads and renders pictures, with one budget of memory for all that is read and waits to be rendered. */
function openPictures({ fetchAllow, whatsappUrl }: Pick<Config, 'fetchAllow' | 'whatsappUrl'>): Pictures {
  using parts = new DisposableStack();
  const userAgent = `Pombo/${packageInfo.version} (picture fetch; self-hosted WhatsApp gateway)`;
  const budget = new ByteBudget(limits.heldBytes);
  const { readPicture } = parts.use(createPictureReader({ allow: fetchAllow, userAgent, budget }));
  // WhatsApp's own pictures are on the public internet; a simulator's are where the simulator is.
  const simulated = whatsappUrl === undefined ? [] : [new URL(whatsappUrl).host];
  const { readPhoto } = parts.use(createPhotoReader({ allow: simulated, userAgent, budget }));
  const renderer = parts.use(new RenderPool());
  const owned = parts.move();
  return {
    readPicture,
    readPhoto,
    async renderGroupPhoto(source, options) {
      using _held = budget.reserve(source.length); // while it waits for its turn, too
      try {
        return await renderer.renderGroupPhoto(source, options);
      } finally {
        giveBack(source);
      }
    },
    showSamePicture: (one, other) => renderer.showSamePicture(one, other),
    [Symbol.dispose]: () => owned.dispose(),
  };
}
