import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RequestFault } from '../../../simulator/faults.ts';
import type { ErrorCode, GatewayError } from '../../errors.ts';
import { fails, jpeg, startFamily } from './test-family.fixture.ts';

test('a photo is set with the bytes that were given, and answered with the id that members see', async () => {
  await using world = await startFamily();
  const id = await world.whatsapp.setGroupPhoto(world.family.id, jpeg);
  const seen = await world.bob.photoOf(world.family.group.id);
  assert.equal(seen?.id, id);
  assert.deepEqual(seen?.bytes, jpeg);
});

test('a photo is removed, also where there is none any more', async () => {
  await using world = await startFamily();
  const { whatsapp, family, bob } = world;
  await whatsapp.setGroupPhoto(family.id, jpeg);
  await whatsapp.removeGroupPhoto(family.id);
  assert.equal(await bob.photoOf(family.group.id), undefined);
  await whatsapp.removeGroupPhoto(family.id);
  // WhatsApp may as well answer that there is nothing: a group without a photo is what was asked for.
  world.simulator.faults.add({ kind: 'picture-set', error: 404 });
  await whatsapp.removeGroupPhoto(family.id);
  // As long as it is known that there is none.
  world.simulator.faults.add({ kind: 'picture-get', error: 500 });
  await assert.rejects(whatsapp.removeGroupPhoto(family.id), fails('whatsapp_refused'));
});

test('the photo that is read is the one that the group shows, full or as a preview', async () => {
  await using world = await startFamily();
  const { whatsapp, simulator, family } = world;
  const id = await whatsapp.setGroupPhoto(family.id, jpeg);
  for (const [size, type] of [
    ['full', 'image'],
    ['preview', 'preview'],
  ] as const) {
    const source = `${simulator.controlUrl}/pictures/${id}/${type}`;
    assert.deepEqual(await whatsapp.groupPhoto(family.id, size), { id, source });
  }
});

test('a photo that WhatsApp sends along is read as its bytes', async () => {
  await using world = await startFamily({ pictureHabits: { inline: true } });
  const { whatsapp, family } = world;
  const id = await whatsapp.setGroupPhoto(family.id, jpeg);
  const photo = await whatsapp.groupPhoto(family.id, 'full');
  assert.equal(photo?.id, id);
  assert.deepEqual(photo?.source, jpeg);
});

for (const none of ['error', 'error-in-result', 'status-204', 'empty-result'] as const) {
  test(`a group without a photo has none, not a failure, when WhatsApp says so by "${none}"`, async () => {
    await using world = await startFamily({ pictureHabits: { none } });
    const { whatsapp, family, locked } = world;
    assert.equal(await whatsapp.groupPhoto(family.id, 'full'), undefined);
    assert.equal(await whatsapp.groupPhoto(locked.id, 'preview'), undefined);
  });
}

describe('a photo that WhatsApp does not confirm is not set', () => {
  const outcomes: [effect: object, code: ErrorCode, fits?: (error: GatewayError) => boolean][] = [
    [{ error: 400 }, 'whatsapp_refused', ({ details }) => details.whatsappText === 'bad-request'],
    [{ error: 404 }, 'whatsapp_refused', ({ details }) => details.whatsappCode === 404],
    [{ error: 406 }, 'picture_refused', ({ details }) => details.whatsappCode === 406],
    [{ error: 423 }, 'whatsapp_rate_limited'],
    [{ error: 429 }, 'whatsapp_rate_limited', ({ retryAfterSeconds }) => retryAfterSeconds === 10],
    [
      { error: 429, attributes: { backoff: '37' } },
      'whatsapp_rate_limited',
      ({ retryAfterSeconds }) => retryAfterSeconds === 37,
    ],
    [
      { error: 429, attributes: { backoff: '-5' } },
      'whatsapp_rate_limited',
      ({ retryAfterSeconds }) => retryAfterSeconds === 1,
    ],
    [
      { error: 503, attributes: { backoff: '99999999' } },
      'whatsapp_unavailable',
      ({ retryAfterSeconds }) => retryAfterSeconds === 86_400,
    ],
    [{ error: 500 }, 'whatsapp_unavailable', ({ details }) => details.whatsappCode === 500],
    [{ error: 501 }, 'whatsapp_refused'],
    [{ error: 502 }, 'whatsapp_unavailable'],
    [{ error: 503 }, 'whatsapp_unavailable', ({ retryAfterSeconds }) => retryAfterSeconds === 10],
    [{ error: 599 }, 'whatsapp_unavailable'],
    [{ error: 600 }, 'whatsapp_refused'],
    [{ error: 408 }, 'whatsapp_timeout', ({ message }) => /itself \(408\).* unknown.* is safe/.test(message)],
    [{ error: 504 }, 'whatsapp_timeout', ({ message }) => message.includes('itself (504)')],
    [{ malformed: 'error-without-reason' }, 'whatsapp_refused'],
    [{ malformed: 'error-in-result' }, 'whatsapp_refused'],
    [{ malformed: 'empty-result' }, 'whatsapp_timeout', ({ message }) => message.includes('unknown')],
    [{ silence: true }, 'whatsapp_timeout', ({ message }) => message.includes('within 0.3 s')],
  ];
  for (const [effect, code, fits] of outcomes) {
    test(`${JSON.stringify(effect)}: ${code}`, async () => {
      await using world = await startFamily({ queryTimeoutMs: 300 });
      world.simulator.faults.add({ kind: 'picture-set', ...effect } as RequestFault);
      await assert.rejects(world.whatsapp.setGroupPhoto(world.family.id, jpeg), fails(code, fits));
    });
  }
});

describe('a removal that WhatsApp does not confirm has not happened', () => {
  const outcomes: [effect: object, code: ErrorCode][] = [
    [{ error: 500 }, 'whatsapp_unavailable'],
    [{ malformed: 'error-without-reason' }, 'whatsapp_refused'],
    [{ malformed: 'error-in-result' }, 'whatsapp_refused'],
    [{ silence: true }, 'whatsapp_timeout'],
    [{ close: 'after-change' }, 'whatsapp_timeout'],
  ];
  for (const [effect, code] of outcomes) {
    test(`${JSON.stringify(effect)}: ${code}`, async () => {
      await using world = await startFamily({ queryTimeoutMs: 300 });
      await world.whatsapp.setGroupPhoto(world.family.id, jpeg);
      world.simulator.faults.add({ kind: 'picture-set', ...effect } as RequestFault);
      await assert.rejects(world.whatsapp.removeGroupPhoto(world.family.id), fails(code));
    });
  }
});

describe('a photo that could not be read is a failure, not a group without a photo', () => {
  const outcomes: [effect: object, code: ErrorCode][] = [
    [{ error: 400 }, 'whatsapp_refused'],
    [{ error: 500 }, 'whatsapp_unavailable'],
    [{ error: 501 }, 'whatsapp_refused'],
    [{ error: 503 }, 'whatsapp_unavailable'],
    [{ error: 504 }, 'whatsapp_timeout'],
    [{ malformed: 'error-without-reason' }, 'whatsapp_refused'],
    [{ silence: true }, 'whatsapp_timeout'],
    [{ close: 'before-change' }, 'whatsapp_timeout'],
  ];
  for (const [effect, code] of outcomes) {
    test(`${JSON.stringify(effect)}: ${code}`, async () => {
      await using world = await startFamily({ queryTimeoutMs: 300 });
      world.simulator.faults.add({ kind: 'picture-get', ...effect } as RequestFault);
      await assert.rejects(world.whatsapp.groupPhoto(world.family.id, 'full'), fails(code));
    });
  }
});

test('what only reads has no outcome that could be unknown', async () => {
  await using world = await startFamily({ queryTimeoutMs: 300 });
  const { simulator, whatsapp, family } = world;
  const troubles: [effect: object, message: string][] = [
    [{ silence: true }, 'WhatsApp did not answer within 0.3 s. Try again.'],
    [{ error: 504 }, 'WhatsApp answered that it timed out itself (504). Try again.'],
    [{ close: 'before-change' }, 'The connection to WhatsApp was lost before WhatsApp answered. Try again.'],
  ];
  for (const [effect, message] of troubles) {
    simulator.faults.add({ kind: 'picture-get', ...effect } as RequestFault);
    const failed = fails('whatsapp_timeout', (error) => error.message === message);
    await assert.rejects(whatsapp.groupPhoto(family.id, 'full'), failed);
    simulator.faults.clear();
  }
});

describe('a connection that ends in mid-flight is answered at once, as an unknown outcome', () => {
  for (const effect of [
    { close: 'before-change' },
    { close: 'after-change' },
    { streamError: '503' },
    { streamError: '515' },
  ] as const) {
    test(JSON.stringify(effect), async () => {
      // Longer than the test may take: only the end of the connection can answer in time.
      await using world = await startFamily({ queryTimeoutMs: 3_600_000 });
      world.simulator.faults.add({ kind: 'picture-set', ...effect });
      await assert.rejects(
        world.whatsapp.setGroupPhoto(world.family.id, jpeg),
        fails('whatsapp_timeout', ({ message }) => message.includes('connection to WhatsApp was lost')),
      );
    });
  }

  test('our own closing', async () => {
    await using world = await startFamily({ queryTimeoutMs: 3_600_000 });
    const { simulator, whatsapp, family } = world;
    simulator.faults.add({ kind: 'picture-set', silence: true });
    const change = assert.rejects(whatsapp.setGroupPhoto(family.id, jpeg), fails('whatsapp_timeout'));
    await simulator.requestArrived('picture-set');
    await world[Symbol.asyncDispose]();
    await change;
  });
});
