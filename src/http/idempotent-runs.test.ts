import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import { Type } from 'typebox';
import { temporaryFolder } from '../../test/harness.ts';
import { openServices } from '../../test/services.ts';
import { type ErrorCode, GatewayError } from '../errors.ts';
import { instanceIdFrom } from '../ids.ts';
import { type InstanceContext, instanceOperation, type PictureSource } from '../operation.ts';
import { openStorage } from '../storage/open-storage.ts';
import { IdempotentRuns } from './idempotent-runs.ts';
import { startHttp } from './server.ts';
import type { Services } from './services.ts';

const parts = await openServices();
after(() => parts[Symbol.asyncDispose]());
const { services, known } = parts;

test('the same request under the same key gets the first answer again', async () => {
  await using api = await start();
  const first = await api.act({ key: 'k-1', body: { name: 'a' } });
  const again = await api.act({ key: 'k-1', body: { name: 'a' } });
  assert.deepEqual([first.status, first.body], [202, { value: true, run: 1 }]);
  assert.deepEqual([again.status, again.body], [202, { value: true, run: 1 }]);
  assert.deepEqual([first.isReplayed, again.isReplayed], [false, true]);
  assert.notEqual(again.requestId, first.requestId);
});

test('without a key, and with another one, a request is carried out', async () => {
  await using api = await start();
  const runs: unknown[] = [];
  for (const key of [undefined, undefined, 'k-1', 'k-2', 'K-1']) runs.push((await api.act({ key })).body.run);
  assert.deepEqual(runs, [1, 2, 3, 4, 5]);
});

test('an operation that takes no keys passes them over', async () => {
  await using api = await start({ takesKey: false });
  await api.act({ key: 'k-1' });
  const { body, isReplayed } = await api.act({ key: 'k-1', body: { name: 'other' } });
  assert.deepEqual([body.run, isReplayed], [2, false]);
});

test('what is no key is refused, and nothing is carried out', async () => {
  await using api = await start();
  const refused = await api.act({ key: 'k'.repeat(256) });
  assert.deepEqual([refused.status, refused.body.code], [400, 'invalid_request']);
  assert.equal((await api.act()).body.run, 1);
});

test('twenty identical requests at once are carried out once', async () => {
  const finish = Promise.withResolvers<void>();
  await using api = await start({ handle: () => finish.promise });
  const asked = Array.from({ length: 20 }, () => api.act({ key: 'k-1', body: { name: 'a' } }));
  await api.arrived(20);
  finish.resolve();
  const answers = await Promise.all(asked);
  assert.deepEqual(
    answers.map(({ status, body }) => [status, body.run]),
    Array.from({ length: 20 }, () => [202, 1]),
  );
  assert.equal(answers.filter(({ isReplayed }) => isReplayed).length, 19);
});

test('another request under the key is refused, while the first is under way and after it', async () => {
  const finish = Promise.withResolvers<void>();
  await using api = await start({ handle: () => finish.promise });
  const first = api.act({ key: 'k-1', body: { name: 'a', count: 1 } });
  await api.begun(1);
  const others = [{ name: 'b', count: 1 }, { name: 'a', count: 2 }, { name: 'a' }];
  const assertRefused = async () => {
    for (const body of others) {
      const refused = await api.act({ key: 'k-1', body });
      assert.deepEqual([refused.status, refused.body.code], [409, 'idempotency_key_reused']);
      assert.equal(refused.isReplayed, false);
    }
  };
  await assertRefused();
  finish.resolve();
  assert.equal((await first).status, 202);
  await assertRefused();
  assert.equal((await api.act({ key: 'k-1', body: { count: 1, name: 'a' } })).isReplayed, true);
});

test('other requests that come at once with the first are refused, and it is not', async () => {
  await using api = await start();
  const names = ['a', 'b', 'a', 'b', 'a', 'c'];
  const answers = await Promise.all(names.map((name) => api.act({ key: 'k-1', body: { name } })));
  const ran = answers.findIndex(({ status, isReplayed }) => status === 202 && !isReplayed);
  for (const [index, { status }] of answers.entries()) {
    assert.equal(status, names[index] === names[ran] ? 202 : 409);
  }
  assert.equal(api.runs(), 1);
});

test('a request is the same in every form in which it can be written, and the header, too', async () => {
  await using api = await start();
  const forms: { key: string; body?: object; query?: string }[] = [
    { key: 'k-1', body: { name: 'a', count: 7 } },
    { key: '"k-1"', body: { count: '7', title: 'a', unknown: true } },
    { key: 'k-1', query: '?name=a&count=7', body: {} },
  ];
  for (const form of forms) assert.deepEqual((await api.act(form)).body, { value: true, run: 1 });
});

test('the same picture is the same request in whatever body it comes, and another one is not', async () => {
  await using api = await start();
  const picture = Buffer.alloc(300_000, 1);
  const form = () => {
    const parts = new FormData();
    parts.set('name', 'a');
    parts.set('picture', new Blob([picture], { type: 'image/png' }), 'logo.png');
    return parts;
  };
  const send: (() => ReturnType<typeof api.act>)[] = [
    () => api.act({ key: 'k-1', body: { name: 'a', picture: picture.toString('base64') } }),
    () => api.act({ key: 'k-1', body: form() }),
    () => api.act({ key: 'k-1', body: new Blob([picture], { type: 'image/png' }), query: '?name=a' }),
  ];
  for (const [index, sendIt] of send.entries()) {
    const { body, isReplayed } = await sendIt();
    assert.deepEqual([body.run, isReplayed], [1, index > 0]);
  }
  picture[299_999] = 2;
  for (const sendIt of send) assert.equal((await sendIt()).body.code, 'idempotency_key_reused');
});

test('each instance has keys of its own, while requests are under way, too', async () => {
  const finish = Promise.withResolvers<void>();
  await using api = await start({ handle: (run) => (run === 1 ? finish.promise : undefined) });
  const other = await api.anotherInstance();
  const first = api.act({ key: 'k-1', body: { name: 'a' } });
  await api.begun(1);
  for (const name of ['a', 'b']) {
    const { status, isReplayed } = await api.act({ key: 'k-1', body: { name }, instance: other });
    assert.deepEqual([status, isReplayed], name === 'a' ? [202, false] : [409, false]);
  }
  finish.resolve();
  assert.equal((await first).body.run, 1);
});

test('another operation is another request', async () => {
  await using api = await start();
  assert.equal((await api.act({ key: 'k-1', body: { name: 'a' } })).status, 202);
  const other = await api.act({ key: 'k-1', body: { name: 'a' }, path: '/act-too' });
  assert.equal(other.body.code, 'idempotency_key_reused');
});

test('the first answer is given after a restart, too', async () => {
  await using folder = await temporaryFolder();
  {
    await using api = await start({ dataDir: folder.path });
    await api.act({ key: 'k-1', body: { name: 'a' } });
  }
  await using api = await start({ dataDir: folder.path, handle: () => assert.fail('It ran again.') });
  const { body, isReplayed } = await api.act({ key: 'k-1', body: { name: 'a' } });
  assert.deepEqual([body, isReplayed], [{ value: true, run: 1 }, true]);
  assert.equal((await api.act({ key: 'k-1', body: { name: 'b' } })).body.code, 'idempotency_key_reused');
});

test('what a crash cut off is carried out when the same request comes again', async () => {
  await using folder = await temporaryFolder();
  {
    await using api = await start({ dataDir: folder.path, handle: () => new Promise(() => {}) });
    const lost = assert.rejects(api.act({ key: 'k-1', body: { name: 'a' } }));
    await api.begun(1);
    api.cutOff();
    await lost;
  }
  await using api = await start({ dataDir: folder.path });
  assert.equal((await api.act({ key: 'k-1', body: { name: 'b' } })).body.code, 'idempotency_key_reused');
  const again = await api.act({ key: 'k-1', body: { name: 'a' } });
  assert.deepEqual([again.status, again.isReplayed, api.runs()], [202, false, 1]);
  assert.equal((await api.act({ key: 'k-1', body: { name: 'a' } })).isReplayed, true);
});

test('after 24 hours a key is free again', async () => {
  let now = Date.parse('2026-08-01T12:00:00Z');
  await using api = await start({ now: () => new Date(now) });
  const hourMs = 3_600_000;
  await api.act({ key: 'k-1', body: { name: 'a' } });
  now += 24 * hourMs;
  assert.equal((await api.act({ key: 'k-1', body: { name: 'a' } })).isReplayed, true);
  now += 1;
  const other = await api.act({ key: 'k-1', body: { name: 'b' } });
  assert.deepEqual([other.status, other.body.run], [202, 2]);
  assert.equal((await api.act({ key: 'k-1', body: { name: 'b' } })).isReplayed, true);
});

for (const code of ['not_group_admin', 'picture_unreadable', 'group_unconfirmed'] as const) {
  test(`a failure that would come again is kept: ${code}`, async () => {
    const error = new GatewayError(code, { message: 'So it is.', details: { whatsappCode: 401 } });
    await using api = await start({ handle: () => Promise.reject(error) });
    const first = await api.act({ key: 'k-1' });
    const again = await api.act({ key: 'k-1' });
    assert.deepEqual([again.isReplayed, api.runs()], [true, 1]);
    assert.equal(again.status, first.status);
    assert.deepEqual(withoutId(again.body), withoutId(first.body));
    assert.deepEqual([again.body.error, again.body.whatsappCode], ['So it is.', 401]);
    assert.equal(again.body.requestId, again.requestId);
  });
}

test('a refusal that was kept is answered with the handling that each request asks for', async () => {
  await using api = await start({ handle: () => Promise.reject(new GatewayError('not_group_admin')) });
  const statuses: number[] = [];
  for (const prefer of ['handling=lenient', 'handling=strict', 'handling=lenient']) {
    statuses.push((await api.act({ key: 'k-1', headers: { Prefer: prefer } })).status);
  }
  assert.deepEqual(statuses, [200, 403, 200]);
  assert.equal(api.runs(), 1);
});

const passing: readonly (readonly [ErrorCode, retryAfterSeconds?: number])[] = [
  ['not_connected'],
  ['not_connected', 5],
  ['whatsapp_timeout'],
  ['whatsapp_unavailable'],
  ['whatsapp_rate_limited', 60],
  ['rate_limited', 10],
  ['rate_limited'],
  ['overloaded', 2],
  ['picture_url_timeout'],
  ['picture_url_failed'],
];

test('after what may pass by itself, the next request really tries', async () => {
  let failure: unknown;
  await using api = await start({ handle: (run) => (run % 2 === 1 ? Promise.reject(failure) : undefined) });
  for (const [index, [code, retryAfterSeconds]] of passing.entries()) {
    failure = new GatewayError(code, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
    const key = `k-${index}`;
    assert.equal((await api.act({ key })).body.code, code);
    const next = await api.act({ key });
    assert.deepEqual([next.status, next.isReplayed, api.runs()], [202, false, 2 * index + 2], code);
  }
});

test('whoever waited gets the failure that is not kept, and the next request tries', async () => {
  await using folder = await temporaryFolder();
  await using storage = await openStorage({ dataDir: folder.path });
  const { id } = await storage.instances.create({ name: 'Support' });
  const runs = new IdempotentRuns({
    kept: storage.idempotentRequests,
    now: () => new Date(),
    onUnkept: (error) => assert.ifError(error),
  });
  const begun = Promise.withResolvers<void>();
  const fail = Promise.withResolvers<void>();
  const answer = (work: () => Promise<unknown>) => runs.answer({ instance: id, key: 'k-1' }, 'f-1', work);
  const first = answer(() => {
    begun.resolve();
    return fail.promise;
  });
  await begun.promise;
  const second = answer(() => assert.fail('It ran beside the first.'));
  const error = new Error('The disk is on fire.');
  fail.reject(error);
  assert.deepEqual(await first, { error, isReplayed: false });
  assert.deepEqual(await second, { error, isReplayed: true });
  assert.deepEqual(await answer(async () => 'done'), { output: 'done', isReplayed: false });
});

test('the work goes on when its client goes away, and the answer is there when it asks again', async () => {
  const fetched = Promise.withResolvers<Uint8Array>();
  let signal: AbortSignal | undefined;
  await using api = await start({
    handle: (_run, { readPicture }) => readPicture('https://www.example.com/logo.svg'),
    readPicture: (_source, options) => {
      signal = options.signal;
      return fetched.promise;
    },
  });
  const client = new AbortController();
  const left = assert.rejects(api.act({ key: 'k-1', signal: client.signal }));
  await api.begun(1);
  client.abort();
  await left;
  await api.clientLeft();
  assert.equal(signal?.aborted, false);
  fetched.resolve(new Uint8Array());
  const again = await api.act({ key: 'k-1' });
  assert.deepEqual([again.body.run, again.isReplayed], [1, true]);
});

test('without a key, no picture is fetched any longer for a client that went away', async () => {
  let signal: AbortSignal | undefined;
  await using api = await start({
    handle: (_run, { readPicture }) => readPicture('https://www.example.com/logo.svg'),
    readPicture: (_source, options) => {
      signal = options.signal;
      return new Promise((_resolve, reject) => {
        options.signal.addEventListener('abort', () => reject(options.signal.reason));
      });
    },
  });
  const client = new AbortController();
  const left = assert.rejects(api.act({ signal: client.signal }));
  await api.begun(1);
  assert.equal(signal?.aborted, false);
  client.abort();
  await left;
  await api.clientLeft();
  assert.equal(signal?.aborted, true);
  assert.doesNotMatch(api.log(), /request failed/); // it is no error of ours
});

test('whoever got their answer has not gone away', async () => {
  let signal: AbortSignal | undefined;
  {
    await using api = await start({
      handle: (_run, { readPicture }) => readPicture('https://www.example.com/logo.svg'),
      readPicture: async (_source, options) => {
        signal = options.signal;
        return new Uint8Array();
      },
    });
    await api.act();
  }
  assert.equal(signal?.aborted, false);
});

test('an answer that cannot be kept is given all the same, and logged', async () => {
  await using api = await start({ finish: () => Promise.reject(new Error('The disk is full.')) });
  assert.equal((await api.act({ key: 'k-1' })).status, 202);
  assert.match(api.log(), /The disk is full/);
});

interface Options {
  readonly dataDir?: string;
  /** What happens in a run of the operation, counted from 1. */
  readonly handle?: (run: number, context: InstanceContext) => unknown;
  readonly takesKey?: boolean;
  readonly now?: () => Date;
  readonly readPicture?: Services['readPicture'];
  readonly finish?: Services['idempotentRequests']['finish'];
}

interface Act {
  readonly key?: string | undefined;
  /** Goes as JSON unless it is a form or a file. */
  readonly body?: object;
  readonly path?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly instance?: { readonly id: string; readonly token: string };
  readonly signal?: AbortSignal;
}

/** A server with one operation, over storage that can be opened again. */
async function start(options: Options = {}) {
  const { handle = () => undefined, takesKey = true, now = () => new Date() } = options;
  await using opened = new AsyncDisposableStack();
  const dataDir = options.dataDir ?? opened.use(await temporaryFolder()).path;
  const storage = opened.use(await openStorage({ dataDir }));
  const instance =
    (await storage.instances.list())[0] ?? (await storage.instances.create({ name: 'Support' }));
  const others = await services.findInstance(instanceIdFrom(known.instanceId));
  assert.ok(others);

  let runs = 0;
  let arrivals = 0;
  const act = instanceOperation({
    name: 'act',
    section: 'instance',
    method: 'POST',
    path: '/act',
    summary: 'Do what the test says.',
    input: Type.Object({
      name: Type.Optional(Type.String()),
      count: Type.Optional(Type.Integer()),
      picture: Type.Optional(Type.Unsafe<PictureSource>({ type: 'string' })),
    }),
    aliases: { name: ['title'] },
    upload: 'picture',
    ...(takesKey && { takesIdempotencyKey: true as const }),
    output: Type.Object({ value: Type.Boolean(), run: Type.Integer() }),
    successStatus: 202,
    example: { input: {}, output: { value: true, run: 1 } },
    errors: [],
    async handle(_input, context) {
      const run = ++runs;
      await handle(run, context);
      return { value: true, run };
    },
  });
  const lines: string[] = [];
  const server = opened.use(
    await startHttp({
      operations: [act, { ...act, name: 'act-too', path: '/act-too' }],
      services: {
        ...services,
        async findInstance(id) {
          arrivals++;
          const found = await storage.instances.find(id);
          return found && { ...others, instance: found };
        },
        readPicture: options.readPicture ?? services.readPicture,
        idempotentRequests: {
          begin: (key, request) => storage.idempotentRequests.begin(key, request),
          finish: options.finish ?? ((key, answer) => storage.idempotentRequests.finish(key, answer)),
          forget: (key) => storage.idempotentRequests.forget(key),
        },
        now,
      },
      host: '127.0.0.1',
      port: 0,
      logger: pino({ level: 'info' }, { write: (line: string) => lines.push(line) }),
      graceMs: 10,
    }),
  );
  const cutOff = new AbortController();
  const owned = opened.move();
  return {
    async act(request: Act = {}) {
      const { key, body: given = {}, path = '/act', query = '', headers = {}, signal } = request;
      const { id, token } = request.instance ?? instance;
      const isJson = !(given instanceof FormData || given instanceof Blob);
      const response = await fetch(`${server.url}/instances/${id}/token/${token}${path}${query}`, {
        method: 'POST',
        headers: {
          'Client-Token': known.clientToken,
          ...(isJson && { 'Content-Type': 'application/json' }),
          ...(key !== undefined && { 'Idempotency-Key': key }),
          ...headers,
        },
        body: isJson ? JSON.stringify(given) : given,
        signal: signal ? AbortSignal.any([signal, cutOff.signal]) : cutOff.signal,
      });
      return {
        status: response.status,
        isReplayed: response.headers.get('idempotency-replayed') === 'true',
        requestId: response.headers.get('x-request-id'),
        body: (await response.json()) as Readonly<Record<string, unknown>>,
      };
    },
    anotherInstance: () => storage.instances.create({ name: 'Sales' }),
    runs: () => runs,
    log: () => lines.join(''),
    /** Resolves when so many runs have begun. */
    begun: (count: number) => until(() => runs === count),
    /** Resolves when so many requests have come. */
    arrived: (count: number) => until(() => arrivals === count),
    clientLeft: () => until(() => lines.some((line) => line.includes('client went away before the answer'))),
    cutOff: () => cutOff.abort(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function until(isSo: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !isSo(); await nextTurn()) {
    assert.ok(Date.now() < deadline, 'Waited for 20 s.');
  }
}

const withoutId = (body: Readonly<Record<string, unknown>>) => ({ ...body, requestId: undefined });
