import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RequestFault } from '../../../simulator/faults.ts';
import type { ErrorCode, GatewayError } from '../../errors.ts';
import { fails, jpeg, startFamily } from './test-family.fixture.ts';

test('a photo is set with the bytes that were given, and answered with the id that everyone sees', async () => {
  await using world = await startFamily();
  const { whatsapp, alice, bob } = world;
  const id = await whatsapp.setProfilePhoto(jpeg);
  for (const address of [alice.account.pn, alice.lid]) {
    const seen = await bob.photoOf(address);
    assert.equal(seen?.id, id);
    assert.deepEqual(seen?.bytes, jpeg);
  }
});

test('the profile has the text, and the address of the photo in full', async () => {
  await using world = await startFamily();
  const { simulator, whatsapp } = world;
  assert.deepEqual(await whatsapp.profile(), { about: undefined, photoUrl: undefined });
  const id = await whatsapp.setProfilePhoto(jpeg);
  await whatsapp.setProfileAbout('Busy');
  const photoUrl = `${simulator.controlUrl}/pictures/${id}/image`;
  assert.deepEqual(await whatsapp.profile(), { about: 'Busy', photoUrl });
});

for (const none of ['error', 'error-in-result', 'status-204', 'empty-result'] as const) {
  test(`a profile without a photo has none when WhatsApp says so by "${none}"`, async () => {
    await using world = await startFamily({ pictureHabits: { none } });
    assert.equal((await world.whatsapp.profile()).photoUrl, undefined);
  });
}

test('a photo that is not to be seen, or has no address, is none to tell of', async () => {
  await using world = await startFamily({ pictureHabits: { inline: true } });
  const { simulator, whatsapp } = world;
  await whatsapp.setProfilePhoto(jpeg);
  assert.equal((await whatsapp.profile()).photoUrl, undefined);
  simulator.faults.add({ kind: 'picture-get', error: 401 });
  assert.equal((await whatsapp.profile()).photoUrl, undefined);
});

describe('a photo that WhatsApp does not confirm is not set', () => {
  const outcomes: [effect: object, code: ErrorCode, fits?: (error: GatewayError) => boolean][] = [
    [{ error: 401 }, 'whatsapp_refused', ({ details }) => details.whatsappCode === 401],
    [{ error: 404 }, 'whatsapp_refused'],
    [{ error: 406 }, 'picture_refused', ({ details }) => details.whatsappCode === 406],
    [
      { error: 429, attributes: { backoff: '37' } },
      'whatsapp_rate_limited',
      (e) => e.retryAfterSeconds === 37,
    ],
    [{ error: 503 }, 'whatsapp_unavailable'],
    [{ error: 504 }, 'whatsapp_timeout'],
    [{ malformed: 'error-without-reason' }, 'whatsapp_refused'],
    [{ malformed: 'error-in-result' }, 'whatsapp_refused'],
    [{ malformed: 'empty-result' }, 'whatsapp_timeout', ({ message }) => /unknown.* is safe/.test(message)],
    [{ silence: true }, 'whatsapp_timeout', ({ message }) => message.includes('within 0.3 s')],
    [{ close: 'before-change' }, 'whatsapp_timeout', ({ message }) => message.includes('was lost')],
    [{ close: 'after-change' }, 'whatsapp_timeout'],
  ];
  for (const [effect, code, fits] of outcomes) {
    test(`${JSON.stringify(effect)}: ${code}`, async () => {
      await using world = await startFamily({ queryTimeoutMs: 300 });
      world.simulator.faults.add({ kind: 'picture-set', ...effect } as RequestFault);
      await assert.rejects(world.whatsapp.setProfilePhoto(jpeg), fails(code, fits));
    });
  }
});

test('what is no JPEG is refused', async () => {
  await using world = await startFamily();
  await assert.rejects(
    world.whatsapp.setProfilePhoto(Buffer.from('not a picture')),
    fails('picture_refused'),
  );
});

describe('a profile that could not be read is a failure, not an empty one', () => {
  const outcomes: [effect: object, code: ErrorCode][] = [
    [{ error: 400 }, 'whatsapp_refused'],
    [{ error: 429 }, 'whatsapp_rate_limited'],
    [{ error: 503 }, 'whatsapp_unavailable'],
    [{ malformed: 'error-without-reason' }, 'whatsapp_refused'],
    [{ silence: true }, 'whatsapp_timeout'],
    [{ close: 'before-change' }, 'whatsapp_timeout'],
  ];
  for (const kind of ['usync', 'picture-get']) {
    for (const [effect, code] of outcomes) {
      test(`${kind}, ${JSON.stringify(effect)}: ${code}`, async () => {
        await using world = await startFamily({ queryTimeoutMs: 300 });
        world.simulator.faults.add({ kind, ...effect } as RequestFault);
        await assert.rejects(world.whatsapp.profile(), fails(code));
      });
    }
  }
});

test('after the end of a connection there is no profile to read or change', async () => {
  await using world = await startFamily();
  const { whatsapp, connection } = world;
  await connection[Symbol.asyncDispose]();
  await assert.rejects(whatsapp.profile(), fails('not_connected'));
  await assert.rejects(whatsapp.setProfileAbout('Busy'), fails('not_connected'));
  await assert.rejects(whatsapp.setProfilePhoto(jpeg), fails('not_connected'));
});
