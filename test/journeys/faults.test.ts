/**
 * What the caller gets for everything that can go wrong between WhatsApp and a picture change: in the documented form,
 * and with `Prefer: handling=strict`. Nothing here may ever be `true`.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { RequestFault } from '../../simulator/faults.ts';
import type { Phone } from '../../simulator/phone.ts';
import { type ApiInstance, startWorld, type World } from '../harness.ts';
import { pngOf } from '../pictures.ts';

interface Expectation {
  readonly code: string;
  /** With `Prefer: handling=strict`. */
  readonly strict: number;
  /** In the documented form: 200 when WhatsApp said no, the same status otherwise. */
  readonly lenient: number;
}

const saidNo = (code: string, strict: number): Expectation => ({ code, strict, lenient: 200 });
const failed = (code: string, status: number): Expectation => ({ code, strict: status, lenient: status });

/** Every effect that a fault of a request can have, and every code that WhatsApp is known to refuse pictures with. */
const table: [name: string, effect: Omit<RequestFault, 'kind' | 'times'>, expected: Expectation][] = [
  ['400', { error: 400 }, saidNo('whatsapp_refused', 422)],
  // Ana is an admin and a member, so 401 and 403 are neither of the reasons that they usually stand for.
  ['401', { error: 401 }, saidNo('whatsapp_refused', 422)],
  ['403', { error: 403 }, saidNo('whatsapp_refused', 422)],
  ['404', { error: 404 }, saidNo('group_not_found', 404)],
  ['406', { error: 406 }, saidNo('picture_refused', 422)],
  ['409', { error: 409 }, saidNo('whatsapp_refused', 422)],
  ['423', { error: 423 }, failed('whatsapp_rate_limited', 429)],
  ['429', { error: 429, attributes: { backoff: '37' } }, failed('whatsapp_rate_limited', 429)],
  ['500', { error: 500 }, failed('whatsapp_unavailable', 503)],
  ['503', { error: 503 }, failed('whatsapp_unavailable', 503)],
  ['silence', { silence: true }, failed('whatsapp_timeout', 504)],
  ['an answer that comes too late', { delayMs: 60_000 }, failed('whatsapp_timeout', 504)],
  ['a connection lost before the change', { close: 'before-change' }, failed('whatsapp_timeout', 504)],
  ['a connection lost after the change', { close: 'after-change' }, failed('whatsapp_timeout', 504)],
  ['stream error 503', { streamError: '503' }, failed('whatsapp_timeout', 504)],
  ['stream error 515', { streamError: '515' }, failed('whatsapp_timeout', 504)],
  ['an error without a reason', { malformed: 'error-without-reason' }, saidNo('whatsapp_refused', 422)],
  ['a result without a picture', { malformed: 'empty-result' }, failed('whatsapp_timeout', 504)],
  ['an error inside a result', { malformed: 'error-in-result' }, saidNo('group_not_found', 404)],
];

describe('a picture change that meets', () => {
  let world: World;
  let ana: { phone: Phone; api: ApiInstance };
  let groupId: string;
  let png: string;

  before(async () => {
    world = await startWorld({ whatsappTimeoutMs: 1_000 });
    ana = await world.person('5511999990001', 'Ana');
    const bruno = world.whatsapp.phone('5511999990002', 'Bruno');
    const { body } = await ana.api.post('/create-group', { groupName: 'Equipe', phones: [bruno.number] });
    groupId = body.phone;
    png = await pngOf('#0a0', 64);
  });
  after(() => world[Symbol.asyncDispose]());

  for (const [name, effect, expected] of table) {
    for (const handling of ['lenient', 'strict'] as const) {
      test(`${name} is answered with ${expected[handling]} ${expected.code} (${handling})`, async () => {
        await ana.api.connected();
        world.whatsapp.faults.add({ kind: 'picture-set', times: 1, ...effect } as RequestFault);
        const { status, headers, body } = await ana.api.post(
          '/update-group-photo',
          { groupId, groupPhoto: png },
          handling === 'strict' ? { prefer: 'handling=strict' } : {},
        );
        assert.deepEqual(
          { status, code: body.code, value: body.value },
          { status: expected[handling], code: expected.code, value: false },
        );
        assert.equal(typeof body.error, 'string');
        assert.equal(body.requestId, headers.get('x-request-id'));
        assert.equal(headers.get('preference-applied'), handling === 'strict' ? 'handling=strict' : null);
        if ('attributes' in effect) assert.equal(headers.get('retry-after'), '37');
      });
    }
  }

  test('once the faults are over, the change succeeds', async () => {
    await ana.api.connected();
    const { body } = await ana.api.post('/update-group-photo', { groupId, groupPhoto: png });
    assert.deepEqual(body, { value: true });
  });
});

test('who may not change the photo is told why, whichever of 401 and 403 WhatsApp uses', async () => {
  for (const notAdminCode of [401, 403] as const) {
    await using world = await startWorld({ simulator: { groups: { notAdminCode } } });
    const ana = await world.person('5511999990001', 'Ana');
    const bruno = world.whatsapp.phone('5511999990002', 'Bruno');
    const strict = { prefer: 'handling=strict' };
    const groupPhoto = await pngOf('#0a0', 64);

    const locked = world.whatsapp.createGroup({
      subject: 'Diretoria',
      owner: bruno,
      participants: [ana.phone],
      locked: true,
    });
    const notAdmin = await ana.api.post('/update-group-photo', { groupId: locked.id, groupPhoto }, strict);
    assert.deepEqual([notAdmin.status, notAdmin.body.code], [403, 'not_group_admin']);

    const others = world.whatsapp.createGroup({ subject: 'Outros', owner: bruno, participants: [] });
    const notMember = await ana.api.post('/update-group-photo', { groupId: others.id, groupPhoto }, strict);
    assert.deepEqual([notMember.status, notMember.body.code], [403, 'not_group_member']);

    const unknown = await ana.api.post(
      '/update-group-photo',
      { groupId: '120363999999999999', groupPhoto },
      strict,
    );
    assert.deepEqual([unknown.status, unknown.body.code], [404, 'group_not_found']);
    assert.equal(await bruno.photoOf(locked.id), undefined);
    assert.equal(await bruno.photoOf(others.id), undefined);
  }
});
