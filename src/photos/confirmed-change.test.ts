import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { pino } from 'pino';
import type { Fault } from '../../simulator/faults.ts';
import { jpegOf } from '../../simulator/groups/jpeg-of.ts';
import { type PhotoWorld, startPhotoWorld } from '../../test/photo-world.ts';
import type { ErrorCode, GatewayError } from '../errors.ts';
import { pictureIdFrom } from '../ids.ts';
import { connectBaileys } from '../whatsapp/baileys/connect.ts';
import { sha256Of } from './photo-book.ts';

const parts = new AsyncDisposableStack();
after(() => parts[Symbol.asyncDispose]());

const world = parts.use(await startPhotoWorld());
const [red, blue, green] = [
  await jpegOf(640, 640, '#c00'),
  await jpegOf(640, 640, '#00c'),
  await jpegOf(640, 640, '#0c0'),
];

const kind = 'picture-set';

/** What these tests are about would take a minute: it has to end long before. */
const inTime = { timeout: 20_000 };

/** Does `change`, and gives how many changes were asked of WhatsApp for it. Faults do not outlast it. */
async function counted(change: () => Promise<unknown>, { whatsapp }: PhotoWorld = world): Promise<number> {
  const before = whatsapp.requestCount('picture-set');
  try {
    await change();
  } finally {
    whatsapp.faults.clear();
  }
  return whatsapp.requestCount('picture-set') - before;
}

/** WhatsApp answers the look before a change, confirms nothing, and leaves the look after it without an answer. */
function unansweredLookUp({ whatsapp: { faults } }: PhotoWorld): void {
  faults.add({ kind: 'picture-get', delayMs: 0, times: 1 });
  faults.add({ kind: 'picture-get', silence: true });
  faults.add({ kind, malformed: 'empty-result' });
}

const failsWith =
  (code: ErrorCode, message = /./) =>
  (error: GatewayError) => {
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };

const survived: readonly { what: string; fault: Fault; requests: number }[] = [
  { what: 'no answer', fault: { kind, silence: true, times: 1 }, requests: 2 },
  { what: 'an answer too late', fault: { kind, delayMs: 1_000, times: 1 }, requests: 1 },
  { what: 'a cut line before the change', fault: { kind, close: 'before-change', times: 1 }, requests: 2 },
  { what: 'a cut line after the change', fault: { kind, close: 'after-change', times: 1 }, requests: 1 },
  { what: 'a stream error', fault: { kind, streamError: '503', times: 1 }, requests: 2 },
  { what: 'a time-out of WhatsApp’s own', fault: { kind, error: 504, times: 1 }, requests: 2 },
  { what: 'a wanted restart', fault: { kind, streamError: '515', times: 1 }, requests: 2 },
];

for (const { what, fault, requests } of survived) {
  test(`a photo is set once and for all in spite of ${what}`, async () => {
    const { id, group } = world.newGroup();
    world.whatsapp.faults.add(fault);
    let pictureId: string | undefined;
    const asked = await counted(async () => {
      pictureId = await world.photos.set(id, red);
    });
    assert.deepEqual(group.picture?.jpeg, red);
    assert.equal(pictureId, group.picture.id);
    assert.equal(asked, requests);
  });

  test(`a photo is removed in spite of ${what}`, async () => {
    const { id, group, bobSets } = world.newGroup();
    await bobSets(red);
    world.whatsapp.faults.add(fault);
    assert.equal(await counted(() => world.photos.remove(id)), requests);
    assert.equal(group.picture, undefined);
  });
}

test('an answer that confirms nothing is no confirmation: the photo is looked for and sent again', async () => {
  const { id, group } = world.newGroup();
  world.whatsapp.faults.add({ kind, malformed: 'empty-result', times: 1 });
  assert.equal(await counted(() => world.photos.set(id, red)), 2);
  assert.deepEqual(group.picture?.jpeg, red);
});

const refusals: readonly { what: string; fault: Fault; code: ErrorCode }[] = [
  { what: 'a refusal', fault: { kind, error: 406, times: 1 }, code: 'picture_refused' },
  { what: 'too many changes', fault: { kind, error: 429, times: 1 }, code: 'whatsapp_rate_limited' },
  { what: 'trouble of its own', fault: { kind, error: 503, times: 1 }, code: 'whatsapp_unavailable' },
  {
    what: 'an error without a reason',
    fault: { kind, malformed: 'error-without-reason', times: 1 },
    code: 'whatsapp_refused',
  },
  {
    what: 'an error in a result',
    fault: { kind, malformed: 'error-in-result', times: 1 },
    code: 'whatsapp_refused',
  },
];

for (const { what, fault, code } of refusals) {
  test(`${what}, told by WhatsApp, is the answer: nothing is sent again`, async () => {
    const { id } = world.newGroup();
    world.whatsapp.faults.add(fault);
    const asked = await counted(() => assert.rejects(world.photos.set(id, red), failsWith(code)));
    assert.equal(asked, 1);
  });
}

test('a refusal of the second attempt is the answer, for the first is known not to have been made', async () => {
  const { id } = world.newGroup();
  world.whatsapp.faults.add({ kind, silence: true, times: 1 });
  world.whatsapp.faults.add({ kind, error: 429, attributes: { backoff: '30' }, times: 1 });
  const refused = (error: GatewayError) =>
    failsWith('whatsapp_rate_limited')(error) && error.retryAfterSeconds === 30;
  assert.equal(await counted(() => assert.rejects(world.photos.set(id, red), refused)), 2);
});

test('a change that WhatsApp never confirms and the group never shows is sent twice, and its outcome is unknown', async () => {
  const { id } = world.newGroup();
  const unknown = failsWith('whatsapp_timeout', /unknown.*sent twice.*did not show it.*Repeating .* is safe/);
  world.whatsapp.faults.add({ kind, silence: true });
  assert.equal(await counted(() => assert.rejects(world.photos.set(id, red), unknown)), 2);
  world.whatsapp.faults.add({ kind, malformed: 'empty-result' });
  assert.equal(await counted(() => assert.rejects(world.photos.set(id, red), unknown)), 2);
});

test('a look at the group that fails is tried again', async () => {
  const { id, group } = world.newGroup();
  world.whatsapp.faults.add({ kind, delayMs: 1_000, times: 1 });
  // The one before the change, and two after it.
  world.whatsapp.faults.add({ kind: 'picture-get', close: 'before-change', times: 1 });
  world.whatsapp.faults.add({ kind: 'picture-get', streamError: '503', times: 1 });
  world.whatsapp.faults.add({ kind: 'picture-get', error: 429, attributes: { backoff: '1' }, times: 1 });
  assert.equal(await counted(() => world.photos.set(id, red)), 1);
  assert.deepEqual(group.picture?.jpeg, red);
});

test('when the group cannot be looked at, the outcome is unknown, and nothing is sent again', async () => {
  const { id } = world.newGroup();
  const photos = world.photosWith({ changeLimitMs: 1_300 });
  const unknown = failsWith('whatsapp_timeout', /sent once, and the group could not be looked at/);
  world.whatsapp.faults.add({ kind, silence: true });
  world.whatsapp.faults.add({ kind: 'picture-get', silence: true });
  assert.equal(await counted(() => assert.rejects(photos.set(id, red), unknown)), 1);

  world.whatsapp.faults.add({ kind, silence: true });
  world.whatsapp.faults.add({ kind: 'picture-get', error: 429, attributes: { backoff: '30' } });
  assert.equal(await counted(() => assert.rejects(photos.set(id, red), unknown)), 1);
});

test('when WhatsApp refuses to show the group, the next attempt is told', async () => {
  const { id, group } = world.newGroup();
  world.whatsapp.faults.add({ kind, silence: true, times: 1 });
  world.whatsapp.faults.add({ kind: 'picture-get', error: 400 });
  assert.equal(await counted(() => world.photos.set(id, red)), 2);
  assert.deepEqual(group.picture?.jpeg, red);
});

test('a change takes no longer than its limit, whatever it waits for', inTime, async () => {
  await using patient = await startPhotoWorld({ queryTimeoutMs: 60_000, changeLimitMs: 300 });
  const { id } = patient.newGroup();
  const change = () =>
    assert.rejects(patient.photos.set(id, red), failsWith('whatsapp_timeout', /sent once/));
  patient.whatsapp.faults.add({ kind, silence: true });
  assert.equal(await counted(change, patient), 1);
  unansweredLookUp(patient);
  assert.equal(await counted(change, patient), 1);
});

test('what somebody else set meanwhile is not taken for ours', async () => {
  const { id, group, bobSets } = world.newGroup();
  const came = world.whatsapp.requestCount(kind);
  world.whatsapp.faults.add({ kind, silence: true, times: 1 });
  const asked = counted(() => world.photos.set(id, red));
  await world.whatsapp.requestArrived(kind, came + 1);
  await bobSets(blue);
  assert.equal(await asked, 2);
  assert.deepEqual(group.picture?.jpeg, red);
});

/** Has the look at the group wait that follows a change without a confirmation, for as long as `meanwhile` takes. */
async function beforeTheLookUp<Result>(
  change: () => Promise<Result>,
  meanwhile: () => Promise<unknown>,
  { whatsapp }: PhotoWorld = world,
): Promise<Result> {
  const { faults } = whatsapp;
  const looks = whatsapp.requestCount('picture-get');
  faults.add({ kind: 'picture-get', delayMs: 0, times: 1 }); // the look before the change
  faults.add({ kind: 'picture-get', silence: true, times: 1 });
  const changed = change();
  await whatsapp.requestArrived('picture-get', looks + 2);
  await meanwhile();
  return changed;
}

/** The line is cut once the change is made; what WhatsApp has to tell of it comes this long after the next login. */
function loseConfirmation({ toldAfterMs = 0 }: { readonly toldAfterMs?: number } = {}): void {
  world.whatsapp.faults.add({ kind, close: 'after-change', times: 1 });
  world.whatsapp.faults.add({ kind: 'login', backlogDelayMs: toldAfterMs, times: 1 });
}

test('our photo that somebody else replaced before we looked is known to have been set, and not sent again', async () => {
  const { id, group, bobSets } = world.newGroup();
  loseConfirmation({ toldAfterMs: 1_000 }); // which is later than the look that is answered would be
  let [ours, bobs]: (string | undefined)[] = [];
  const asked = await counted(async () => {
    ours = await beforeTheLookUp(
      () => world.photos.set(id, red),
      async () => {
        assert.deepEqual(group.picture?.jpeg, red);
        bobs = await bobSets(blue);
      },
    );
  });
  assert.equal(asked, 1);
  assert.deepEqual(group.picture?.jpeg, blue);
  const history = await world.photos.history(id);
  assert.deepEqual(
    history.map(({ id, byUs, file }) => [String(id), byUs, file?.sha256]),
    [
      [bobs, false, sha256Of(blue)],
      [ours, true, sha256Of(red)],
    ],
  );
  await world.photos.undo(id);
  assert.deepEqual(group.picture.jpeg, red);
});

test('a photo that somebody else set after we removed one is not removed', async () => {
  const { id, group, bobSets } = world.newGroup();
  await world.photos.set(id, red);
  loseConfirmation();
  const asked = await counted(() =>
    beforeTheLookUp(
      () => world.photos.remove(id),
      () => bobSets(blue),
    ),
  );
  assert.equal(asked, 1);
  assert.deepEqual(group.picture?.jpeg, blue);
  assert.deepEqual(
    (await world.photos.history(id)).map(({ file }) => file?.sha256),
    [sha256Of(blue), sha256Of(red)],
  );
  await world.photos.set(id, green);
  await world.photos.undo(id);
  assert.deepEqual(group.picture.jpeg, blue);
});

test('what the phone itself set meanwhile is not taken for ours, though the account is the same', async () => {
  const { id, group, aliceSets } = world.newGroup();
  world.whatsapp.faults.add({ kind, silence: true, times: 1 });
  const asked = await counted(() =>
    beforeTheLookUp(
      () => world.photos.set(id, red),
      () => aliceSets(blue),
    ),
  );
  assert.equal(asked, 2);
  assert.deepEqual(group.picture?.jpeg, red);
});

test('what somebody else set meanwhile is kept before ours is sent again over it', async () => {
  await using world = await startPhotoWorld();
  const { id, group, bobSets } = world.newGroup();
  let bobs: string | undefined;
  world.whatsapp.faults.add({ kind, silence: true, times: 1 });
  await beforeTheLookUp(
    () => world.photos.set(id, red),
    async () => {
      bobs = await bobSets(blue);
    },
    world,
  );
  assert.deepEqual(group.picture?.jpeg, red);
  const kept = await world.photos.past(id, pictureIdFrom(bobs ?? ''));
  assert.deepEqual(kept && Buffer.from(kept), blue);
});

test('the photo that was there before is not taken for the one that was to replace it', async () => {
  const { id, group, bobSets } = world.newGroup();
  const before = await bobSets(red);
  world.whatsapp.faults.add({ kind, silence: true, times: 1 });
  assert.equal(await counted(() => world.photos.set(id, red, { force: true })), 2);
  assert.notEqual(group.picture?.id, before);
});

test('a photo that WhatsApp compressed again is known by what it shows, as is one that shows something else', async () => {
  await using recompressing = await startPhotoWorld({
    simulator: { groups: { pictureHabits: { recompressed: true } } },
  });
  const { id, bobSets } = recompressing.newGroup();
  recompressing.whatsapp.faults.add({ kind, delayMs: 1_000, times: 1 });
  assert.equal(await counted(() => recompressing.photos.set(id, red), recompressing), 1);

  recompressing.whatsapp.faults.add({ kind, silence: true, times: 1 });
  const asked = counted(() => recompressing.photos.set(id, red, { force: true }), recompressing);
  await recompressing.whatsapp.requestArrived(kind, 2);
  await bobSets(blue);
  assert.equal(await asked, 2);
});

test('without a connection nothing is sent, and the caller is told so', async () => {
  await using unpaired = await startPhotoWorld();
  const { id } = unpaired.newGroup();
  await unpaired.session.disconnect();
  const asked = await counted(
    () => assert.rejects(unpaired.photos.set(id, red), failsWith('not_connected')),
    unpaired,
  );
  assert.equal(asked, 0);
});

test('when the connection does not come back in time, the outcome is unknown', async () => {
  await using broken = await startPhotoWorld({ changeLimitMs: 600 });
  const { id } = broken.newGroup();
  broken.whatsapp.faults.add({ kind: 'upgrade', silence: true });
  broken.whatsapp.faults.add({ kind, close: 'after-change' });
  const unknown = failsWith('whatsapp_timeout', /sent once, and the connection did not come back/);
  await assert.rejects(broken.photos.set(id, red), unknown);
});

test('when the connection is lost before anything was sent and does not come back in time, nothing was sent', async () => {
  await using broken = await startPhotoWorld({ changeLimitMs: 600 });
  const { id } = broken.newGroup();
  broken.whatsapp.faults.add({ kind: 'upgrade', silence: true });
  broken.whatsapp.faults.add({ kind: 'picture-get', close: 'before-change' });
  const notSent = (error: GatewayError) => failsWith('not_connected')(error) && error.status === 503;
  const asked = await counted(() => assert.rejects(broken.photos.set(id, red), notSent), broken);
  assert.equal(asked, 0);
});

test('when the phone is gone before the outcome is known, it is unknown, and the caller learns at once', async () => {
  const gone = failsWith('whatsapp_timeout', /sent once, and the phone is not connected any more/);
  {
    await using world = await startPhotoWorld({ changeLimitMs: 60_000 });
    const { id } = world.newGroup();
    world.whatsapp.faults.add({ kind, silence: true });
    const failed = assert.rejects(world.photos.set(id, red), gone);
    await world.whatsapp.requestArrived(kind);
    world.alice.unlinkAll();
    await failed;
  }
  {
    await using world = await startPhotoWorld({ changeLimitMs: 60_000 });
    const { id } = world.newGroup();
    world.whatsapp.faults.add({ kind, silence: true });
    const failed = assert.rejects(world.photos.set(id, red), gone);
    await world.whatsapp.requestArrived(kind);
    const connect = connectBaileys({ ...world.whatsapp, logger: pino({ level: 'silent' }) });
    await using _other = await connect({ keys: world.keys, onEvent() {} });
    await failed;
  }
});

test('a gateway that stops waits for the answer to what was sent', async () => {
  const { id } = world.newGroup();
  const photos = world.photosWith({});
  const came = world.whatsapp.requestCount(kind);
  world.whatsapp.faults.add({ kind, delayMs: 100 });
  const asked = counted(() => photos.set(id, red));
  await world.whatsapp.requestArrived(kind, came + 1);
  await photos[Symbol.asyncDispose]();
  assert.equal(await asked, 1);
});

test('a gateway that stops waits for no look at a group', inTime, async () => {
  await using patient = await startPhotoWorld({ queryTimeoutMs: 60_000, changeLimitMs: 60_000 });
  const { id } = patient.newGroup();
  unansweredLookUp(patient);
  const failed = assert.rejects(patient.photos.set(id, red), failsWith('whatsapp_timeout', /sent once/));
  await patient.whatsapp.requestArrived('picture-get', 2);
  await patient.photos[Symbol.asyncDispose]();
  await failed;
});

test('a gateway that stops waits for no connection that comes back', inTime, async () => {
  await using broken = await startPhotoWorld({ changeLimitMs: 60_000 });
  const { id } = broken.newGroup();
  const upgrades = broken.whatsapp.requestCount('upgrade');
  broken.whatsapp.faults.add({ kind: 'upgrade', silence: true });
  broken.whatsapp.faults.add({ kind, close: 'after-change' });
  const failed = assert.rejects(broken.photos.set(id, red), failsWith('whatsapp_timeout', /sent once/));
  await broken.whatsapp.requestArrived('upgrade', upgrades + 1);
  await broken.photos[Symbol.asyncDispose]();
  await failed;
});
