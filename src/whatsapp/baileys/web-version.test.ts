import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_CONNECTION_CONFIG } from 'baileys';
import { pino } from 'pino';
import { ManualClock } from '../../manual-clock.fixture.ts';
import type { WebVersion } from '../web-version.ts';
import { fixedVersion, serviceWorkerUrl, WebVersions } from './web-version.ts';

const bundled = DEFAULT_CONNECTION_CONFIG.version as WebVersion;
const later = (by: number): WebVersion => [bundled[0], bundled[1], bundled[2] + by];
const hourMs = 3_600_000;

/** As web.whatsapp.com/sw.js has it, in the midst of much else. */
const script = ([, , revision]: WebVersion) =>
  `self.x=1;importScripts(JSON.parse("{\\"client_revision\\":${revision},\\"server_revision\\":1}"));`;

/** A store, and a WhatsApp Web that says what it is told to say. */
function startVersions({ kept, says }: { kept?: WebVersion; says?: WebVersion | string } = {}) {
  const clock = new ManualClock();
  const world = { kept, says, fetches: 0, storeFails: false };
  const versions = new WebVersions({
    store: {
      async read() {
        if (world.storeFails) throw new Error('disk full');
        return world.kept;
      },
      async write(version) {
        if (world.storeFails) throw new Error('disk full');
        world.kept = version;
      },
    },
    async fetchText(url) {
      assert.equal(url, serviceWorkerUrl);
      world.fetches += 1;
      if (world.says === undefined) throw new Error('no network');
      return typeof world.says === 'string' ? world.says : script(world.says);
    },
    clock,
    logger: pino({ enabled: false }),
  });
  /** After what is looked up in the background. */
  const settled = async () => {
    await versions.current();
    await new Promise((resolve) => setImmediate(resolve));
    return versions.current();
  };
  return { versions, clock, world, settled };
}

test('a connection does not wait for the version to be looked up; the ones after it have the newer one', async () => {
  const { versions, world, settled } = startVersions({ says: later(7) });
  assert.deepEqual(await versions.current(), bundled);
  assert.deepEqual(await settled(), later(7));
  assert.deepEqual(world.kept, later(7));
});

test('the newest version ever seen is spoken from the start, and never an older one', async () => {
  const { versions, world, settled } = startVersions({ kept: later(9), says: later(7) });
  assert.deepEqual(await versions.current(), later(9));
  assert.deepEqual(await settled(), later(9));
  assert.deepEqual(world.kept, later(9));
});

test('a kept version that is older than that of Baileys is not spoken', async () => {
  const { versions } = startVersions({ kept: later(-9) });
  assert.deepEqual(await versions.current(), bundled);
});

test('the version is looked up once a day, and again soon after a failure', async () => {
  const { clock, world, settled } = startVersions();
  await settled();
  assert.equal(world.fetches, 1);
  world.says = later(1);
  clock.pass(2 * 60_000);
  assert.deepEqual(await settled(), later(1));
  assert.equal(world.fetches, 2);
  clock.pass(23 * hourMs);
  await settled();
  assert.equal(world.fetches, 2);
  world.says = later(2);
  clock.pass(hourMs);
  assert.deepEqual(await settled(), later(2));
});

test('a version that was refused is looked up at once, and only a newer one is news', async () => {
  const { versions, clock, world, settled } = startVersions({ says: later(1) });
  await settled();
  clock.pass(2 * 60_000);
  assert.equal(await versions.isNewerThan(later(1)), false);
  assert.equal(world.fetches, 2);
  world.says = later(2);
  clock.pass(2 * 60_000);
  assert.equal(await versions.isNewerThan(later(1)), true);
  assert.deepEqual(await versions.current(), later(2));
  assert.equal(world.fetches, 3);
});

test('many connections that are refused at the same time look it up once', async () => {
  const { versions, world } = startVersions({ says: bundled });
  const answers = await Promise.all(Array.from({ length: 20 }, () => versions.isNewerThan(bundled)));
  assert.ok(answers.every((isNewer) => !isNewer));
  assert.equal(await versions.isNewerThan(bundled), false);
  assert.equal(world.fetches, 1);
});

test('whatever goes wrong, there is a version to speak', async () => {
  const { versions, world, settled } = startVersions({ kept: later(3), says: '<html>captive portal</html>' });
  assert.deepEqual(await settled(), later(3));
  assert.equal(await versions.isNewerThan(later(3)), false);
  assert.deepEqual(world.kept, later(3));

  const broken = startVersions({ says: later(4) });
  broken.world.storeFails = true;
  assert.deepEqual(await broken.settled(), later(4));
});

test('a fixed version is never another one', async () => {
  const versions = fixedVersion([2, 3000, 1]);
  assert.deepEqual(await versions.current(), [2, 3000, 1]);
  assert.equal(await versions.isNewerThan([2, 3000, 0]), false);
  assert.deepEqual(await fixedVersion().current(), bundled);
});
