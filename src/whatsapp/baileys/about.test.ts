import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RequestFault } from '../../../simulator/faults.ts';
import { unixSeconds } from '../../../simulator/unix-seconds.ts';
import type { ErrorCode, GatewayError } from '../../errors.ts';
import { fails, startFamily } from './test-family.fixture.ts';

const daySeconds = 86_400;

test('a text that is set is what people see, in the new way and in the old, and what is read back', async () => {
  await using world = await startFamily();
  const { whatsapp, alice } = world;
  for (const about of ['At work', 'Olá, ação! 🕊️', 'Busy']) {
    await whatsapp.setProfileAbout(about);
    assert.equal(alice.about, about);
    assert.equal(alice.account.about.legacy, about);
    assert.equal((await whatsapp.profile()).about, about);
  }
  assert.equal(alice.account.about.current?.durationSeconds, 30 * daySeconds);
});

test('an empty text is none', async () => {
  await using world = await startFamily();
  const { whatsapp, alice } = world;
  for (const nothing of ['', '  ']) {
    await whatsapp.setProfileAbout('Busy');
    await whatsapp.setProfileAbout(nothing);
    alice.account.about.legacy = 'Old text';
    assert.equal(alice.about, undefined);
    assert.equal((await whatsapp.profile()).about, undefined);
  }
});

test('the text that is read is the one that people see: the old one for those who have no other, none when it is over', async () => {
  await using world = await startFamily();
  const { whatsapp, alice } = world;
  const { about } = alice.account;
  const setAt = unixSeconds() - daySeconds;
  assert.equal((await whatsapp.profile()).about, undefined);
  about.legacy = 'Old text';
  assert.equal((await whatsapp.profile()).about, 'Old text');
  about.current = { text: 'New text', durationSeconds: 2 * daySeconds, setAt };
  assert.equal((await whatsapp.profile()).about, 'New text');
  about.current = { text: 'New text', durationSeconds: -1, setAt };
  assert.equal((await whatsapp.profile()).about, 'New text');
  about.current = { text: 'New text', durationSeconds: daySeconds / 2, setAt };
  assert.equal((await whatsapp.profile()).about, undefined);
});

test('a text that WhatsApp finds too long is refused, with what its own apps take', async () => {
  await using world = await startFamily();
  const { whatsapp, alice } = world;
  await whatsapp.setProfileAbout('Busy');
  const tooLong = fails('whatsapp_refused', ({ message }) => message.includes('50 characters'));
  await assert.rejects(whatsapp.setProfileAbout('x'.repeat(51)), tooLong);
  assert.equal(alice.about, 'Busy');
  assert.equal(alice.account.about.legacy, 'Busy');
});

test('the old way is a courtesy: a text counts as set without it, and is not waited for long', async () => {
  await using world = await startFamily({ queryTimeoutMs: 300 });
  const { simulator, whatsapp, alice } = world;
  for (const effect of [{ error: 501 }, { silence: true }] as const) {
    simulator.faults.add({ kind: 'about-set-legacy', times: 1, ...effect });
    await whatsapp.setProfileAbout('Busy');
    assert.equal(alice.about, 'Busy');
    assert.equal(alice.account.about.legacy, '');
  }
});

describe('a text that WhatsApp does not confirm is not set, nor tried in the old way', () => {
  const outcomes: [effect: object, code: ErrorCode, fits?: (error: GatewayError) => boolean][] = [
    [{ error: 400 }, 'whatsapp_refused', ({ details }) => details.whatsappCode === 400],
    [{ error: 401 }, 'whatsapp_refused'],
    [{ error: 406 }, 'whatsapp_refused'],
    [
      { error: 429, attributes: { backoff: '37' } },
      'whatsapp_rate_limited',
      (e) => e.retryAfterSeconds === 37,
    ],
    [{ error: 500 }, 'whatsapp_unavailable'],
    [
      { error: 504 },
      'whatsapp_timeout',
      ({ message }) => /unknown.* Repeating the request is safe/.test(message),
    ],
    [{ malformed: 'error-without-reason' }, 'whatsapp_refused'],
    [
      { malformed: 'empty-result' },
      'whatsapp_timeout',
      ({ message }) => message.includes('without confirming'),
    ],
    [{ silence: true }, 'whatsapp_timeout', ({ message }) => message.includes('within 0.3 s')],
    [{ close: 'before-change' }, 'whatsapp_timeout'],
    [{ streamError: '503' }, 'whatsapp_timeout'],
  ];
  for (const [effect, code, fits] of outcomes) {
    test(`${JSON.stringify(effect)}: ${code}`, async () => {
      await using world = await startFamily({ queryTimeoutMs: 300 });
      world.simulator.faults.add({ kind: 'about-set', ...effect } as RequestFault);
      await assert.rejects(world.whatsapp.setProfileAbout('Busy'), fails(code, fits));
      assert.equal(world.alice.about, undefined);
    });
  }
});
