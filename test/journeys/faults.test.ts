/**
 * What the caller gets for everything that can go wrong between WhatsApp and a picture change: in the documented form,
 * and with `Prefer: handling=strict`. `true` is said only when the group shows the photo.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { RequestFault } from '../../simulator/faults.ts';
import type { Phone } from '../../simulator/phone.ts';
import { type Answer, type ApiInstance, startWorld, type World } from '../harness.ts';
import { pngOf } from '../pictures.ts';

interface Expectation {
  readonly code: string;
  /** With `Prefer: handling=strict`. */
  readonly strict: number;
  /** In the documented form: 200 when WhatsApp said no, the same status otherwise. */
  readonly lenient: number;
}

type Effect = Omit<RequestFault, 'kind' | 'times'>;

const saidNo = (code: string, strict: number): Expectation => ({ code, strict, lenient: 200 });
const failed = (code: string, status: number): Expectation => ({ code, strict: status, lenient: status });

/** Every code that WhatsApp is known to refuse pictures with, in every form. */
const refusals: [name: string, effect: Effect, expected: Expectation][] = [
  ['400', { error: 400 }, saidNo('whatsapp_refused', 422)],
  // Ana is an admin and a member, so 401 and 403 are neither of the reasons that they usually stand for.
  ['401', { error: 401 }, saidNo('whatsapp_refused', 422)],
  ['403', { error: 403 }, saidNo('whatsapp_refused', 422)],
  // The group is there, which WhatsApp tells when it is asked: so it is not the group that is not found.
  ['404', { error: 404 }, saidNo('whatsapp_refused', 422)],
  ['406', { error: 406 }, saidNo('picture_refused', 422)],
  ['409', { error: 409 }, saidNo('whatsapp_refused', 422)],
  ['423', { error: 423 }, failed('whatsapp_rate_limited', 429)],
  ['429', { error: 429, attributes: { backoff: '37' } }, failed('whatsapp_rate_limited', 429)],
  ['500', { error: 500 }, failed('whatsapp_unavailable', 503)],
  ['503', { error: 503 }, failed('whatsapp_unavailable', 503)],
  ['an error without a reason', { malformed: 'error-without-reason' }, saidNo('whatsapp_refused', 422)],
  ['an error inside a result', { malformed: 'error-in-result' }, saidNo('whatsapp_refused', 422)],
];

/** What leaves the outcome unknown when it happens once, and how many requests it then takes to know. */
const troubles: [name: string, effect: Effect, requests: number][] = [
  ['silence', { silence: true }, 2],
  ['an answer that comes too late', { delayMs: 60_000 }, 1],
  ['a connection lost before the change', { close: 'before-change' }, 2],
  ['a connection lost after the change', { close: 'after-change' }, 1],
  ['stream error 503', { streamError: '503' }, 2],
  ['stream error 515', { streamError: '515' }, 2],
  ['a result without a picture', { malformed: 'empty-result' }, 2],
];

/** Trouble that does not end, so that nobody can know. */
const lastingTroubles: [name: string, effect: Effect][] = [
  ['silence', { silence: true }],
  ['lost connections', { close: 'before-change' }],
  ['stream errors', { streamError: '503' }],
  ['results without a picture', { malformed: 'empty-result' }],
];

interface Team extends AsyncDisposable {
  readonly world: World;
  readonly ana: { readonly phone: Phone; readonly api: ApiInstance };
  readonly groupId: string;
  /** Changes the photo of the group, to another one each time. */
  change(headers?: Record<string, string>): Promise<Answer>;
  /** The id of the photo that the group shows. */
  shownId(): Promise<string | undefined>;
}

async function startTeam(photoChangeLimitMs = 20_000): Promise<Team> {
  const world = await startWorld({ whatsappTimeoutMs: 1_000, photoChangeLimitMs });
  const ana = await world.person('5511999990001', 'Ana');
  const bruno = world.whatsapp.phone('5511999990002', 'Bruno');
  const { body } = await ana.api.post('/create-group', { groupName: 'Equipe', phones: [bruno.number] });
  const groupId: string = body.phone;
  let changes = 0;
  return {
    world,
    ana,
    groupId,
    async change(headers = {}) {
      await ana.api.connected();
      const groupPhoto = await pngOf(`hsl(${(changes++ * 40) % 360}, 80%, 40%)`, 64);
      return ana.api.post('/update-group-photo', { groupId, groupPhoto }, headers);
    },
    shownId: async () => (await ana.phone.photoOf(groupId))?.id,
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

describe('a picture change that is refused with', () => {
  let team: Team;
  before(async () => {
    team = await startTeam();
  });
  after(() => team[Symbol.asyncDispose]());

  for (const [name, effect, expected] of refusals) {
    for (const handling of ['lenient', 'strict'] as const) {
      test(`${name} is answered with ${expected[handling]} ${expected.code} (${handling})`, async () => {
        team.world.whatsapp.faults.add({ kind: 'picture-set', times: 1, ...effect } as RequestFault);
        const { status, headers, body } = await team.change(
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

  test('nothing any more is done at once', async () => {
    const { body } = await team.change();
    assert.deepEqual(body, { value: true });
  });
});

for (const [name, effect, requests] of troubles) {
  test(`${name} once is looked into, and true after ${requests} request(s)`, async () => {
    await using team = await startTeam();
    const { whatsapp } = team.world;
    whatsapp.faults.add({ kind: 'picture-set', times: 1, ...effect } as RequestFault);
    const { status, body } = await team.change();
    assert.deepEqual([status, body], [200, { value: true }]);
    assert.notEqual(await team.shownId(), undefined);
    assert.equal(whatsapp.requestCount('picture-set'), requests);
  });
}

for (const [name, effect] of lastingTroubles) {
  test(`of ${name} without end comes 504, and nothing is said to be true`, async () => {
    await using team = await startTeam();
    team.world.whatsapp.faults.add({ kind: 'picture-set', ...effect } as RequestFault);
    const { status, body } = await team.change();
    assert.deepEqual(
      { status, code: body.code, value: body.value },
      { status: 504, code: 'whatsapp_timeout', value: false },
    );
    assert.equal(await team.shownId(), undefined);
  });
}

test('a lost confirmation that cannot be looked into is answered with 504', async () => {
  await using team = await startTeam(4_000);
  team.world.whatsapp.faults.add({ kind: 'picture-set', close: 'after-change' });
  team.world.whatsapp.faults.add({ kind: 'picture-get', error: 500 });
  const { status, body } = await team.change();
  assert.deepEqual([status, body.code, body.value], [504, 'whatsapp_timeout', false]);
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

    // Asked before, the same is said without trying.
    const may = async (groupId: string) => {
      const { status, body } = await ana.api.post('/can-update-group-photo', { groupId });
      return [status, body.value, body.code];
    };
    assert.deepEqual(await may(locked.id), [200, false, 'not_group_admin']);
    assert.deepEqual(await may(others.id), [200, false, 'not_group_member']);
    assert.deepEqual(await may('120363999999999999'), [200, false, 'group_not_found']);
    const open = world.whatsapp.createGroup({ subject: 'Todos', owner: bruno, participants: [ana.phone] });
    assert.deepEqual(await may(open.id), [200, true, null]);
  }
});
