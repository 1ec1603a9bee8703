import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { Type } from 'typebox';
import { openServices } from '../../test/services.ts';
import { GatewayError } from '../errors.ts';
import { instanceOperation, type Operation } from '../operation.ts';
import { groupId, value } from '../operations/fields.ts';
import { status } from '../operations/instance/status.ts';
import { type HttpOptions, startHttp } from './server.ts';

const parts = await openServices();
after(() => parts[Symbol.asyncDispose]());
const { services, known } = parts;

const prefix = `/instances/${known.instanceId}/token/${known.instanceToken}`;
const authorised = { 'Client-Token': known.clientToken };
const json = { ...authorised, 'Content-Type': 'application/json' };

test('unknown paths are told as Z-API tells them, whatever is sent to them', async () => {
  await using server = await start();
  for (const path of ['/', '/nothing', `${prefix}/nothing`]) {
    const response = await fetch(server.url + path, { method: 'POST', body: 'text' });
    const body = await response.json();
    assert.equal(response.status, 404);
    assert.deepEqual(body, {
      error: 'NOT_FOUND',
      message: 'Unable to find matching target resource method',
      code: 'not_found',
      requestId: response.headers.get('x-request-id'),
    });
  }
});

test('trailing and doubled slashes are tolerated', async () => {
  await using server = await start();
  const paths = [`${prefix}/status/`, `/${prefix}//status`, `${prefix.replaceAll('/', '//')}/status`];
  for (const path of paths) {
    assert.equal((await fetch(server.url + path, { headers: authorised })).status, 200, path);
  }
});

test('an address as long as a URL can be is an address', async () => {
  await using server = await start();
  const url = `${server.url}/instances/${known.instanceId}/token/${'F'.repeat(10_000)}/status`;
  const answer = (await (await fetch(url, { headers: authorised })).json()) as { code: string };
  assert.equal(answer.code, 'instance_not_found');
});

test('a request without a body may declare any type of it', async () => {
  await using server = await start();
  for (const type of ['application/x-www-form-urlencoded', 'form', 'multipart/form-data']) {
    const headers = { ...authorised, 'Content-Type': type };
    assert.equal((await fetch(`${server.url}${prefix}/act`, { method: 'POST', headers })).status, 200, type);
  }
});

test('answers are not to be cached: they hold tokens, and codes that change', async () => {
  await using server = await start();
  const response = await fetch(`${server.url}${prefix}/status`, { headers: authorised });
  assert.equal(response.headers.get('cache-control'), 'no-store');
});

test('health, readiness and the reference need no token', async () => {
  let ready = true;
  await using server = await start({ services: { ...services, isReady: async () => ready } });
  const health = await fetch(`${server.url}/health`);
  assert.deepEqual(await health.json(), { healthy: true, version: '0.0.0' });
  assert.equal((await fetch(`${server.url}/ready`)).status, 200);
  ready = false;
  assert.equal((await fetch(`${server.url}/ready`)).status, 503);
  const reference = (await (await fetch(`${server.url}/openapi.json`)).json()) as { openapi: string };
  assert.equal(reference.openapi, '3.1.0');
});

test('HEAD reads pages and sets nothing off; OPTIONS tells the methods', async () => {
  let calls = 0;
  await using server = await start({
    operations: [
      operation('act', () => {
        calls++;
        return { value: true };
      }),
    ],
  });
  assert.equal((await fetch(`${server.url}/health`, { method: 'HEAD' })).status, 200);
  assert.equal(
    (await fetch(`${server.url}${prefix}/act`, { method: 'HEAD', headers: authorised })).status,
    405,
  );
  const options = await fetch(`${server.url}${prefix}/act`, { method: 'OPTIONS' });
  assert.equal(options.status, 204);
  assert.equal(options.headers.get('allow'), 'POST, OPTIONS');
  assert.equal(calls, 0);
});

test('a group id sent as a number reaches the operation digit by digit', async () => {
  const seen: unknown[] = [];
  await using server = await start({
    operations: [
      instanceOperation({
        ...operation('act', () => ({ value: true })),
        input: Type.Object({ groupId }),
        example: { input: { groupId: '' }, output: { value: true } },
        async handle(input) {
          seen.push(input.groupId);
          return { value: true };
        },
      }),
    ],
  });
  const body = '{"groupId": 120363019502650977}';
  await fetch(`${server.url}${prefix}/act`, { method: 'POST', headers: json, body });
  assert.deepEqual(seen, ['120363019502650977@g.us']);
});

for (const connection of ['keep-alive', 'close']) {
  test(`a body over the limit is answered, even to a client that reads only once it has sent it (${connection})`, async () => {
    await using server = await start({ bodyBytes: 1024, totalBodyBytes: 100_000 });
    const bodyBytes = 8 * 1024 * 1024;
    const socket = await dial(server.url);
    const sizes = { 'Content-Length': String(bodyBytes), Connection: connection };
    socket.write(head('POST', `${prefix}/act`, { ...json, ...sizes }));
    await new Promise<void>((resolve, reject) => {
      socket.write(Buffer.alloc(bodyBytes, 'A'), (error) => (error ? reject(error) : resolve()));
    });
    const [answer] = await once(socket, 'data');
    socket.destroy();
    assert.match(answer.toString(), /^HTTP\/1\.1 413 /);
    assert.match(answer.toString(), /"code":"body_too_large".*"limitBytes":1024/);
  });
}

test('a packed body is refused as such, not as broken JSON', async () => {
  await using server = await start();
  const response = await fetch(`${server.url}${prefix}/act`, {
    method: 'POST',
    headers: { ...json, 'Content-Encoding': 'gzip' },
    body: gzipSync('{}'),
  });
  assert.equal(response.status, 415);
  assert.equal(((await response.json()) as { code: string }).code, 'unsupported_media_type');
});

test('a body is not read before the caller is known', async () => {
  await using server = await start({ bodyBytes: 1024 });
  const response = await fetch(`${server.url}${prefix}/act`, { method: 'POST', body: 'A'.repeat(2048) });
  assert.equal(response.status, 400);
  assert.equal(((await response.json()) as { code: string }).code, 'client_token_missing');
});

test('large bodies are taken while there is room for them, and room is made when an operation is over', async () => {
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  await using server = await start({
    totalBodyBytes: 150_000,
    operations: [
      operation('act', async () => {
        begun.resolve();
        await finish.promise;
        return { value: true };
      }),
    ],
  });
  const send = (sizeBytes: number, signal: AbortSignal | null = null) => {
    const body = JSON.stringify({ text: 'a'.repeat(sizeBytes) });
    return fetch(`${server.url}${prefix}/act`, { method: 'POST', headers: json, body, signal });
  };
  const assertRefused = async () => {
    const response = await send(100_000);
    assert.equal(response.status, 503);
    assert.equal(response.headers.get('retry-after'), '2');
    assert.equal(((await response.json()) as { code: string }).code, 'overloaded');
  };

  const abort = new AbortController();
  const first = send(100_000, abort.signal);
  await begun.promise;
  await assertRefused();
  const small = send(1_000);
  abort.abort();
  await assert.rejects(first);
  while (!server.log.some(({ msg }) => msg === 'client went away before the answer')) await nextTurn();
  await assertRefused(); // the operation still has the body
  finish.resolve();
  assert.equal((await small).status, 200);
  for (const sizeBytes of [100_000, 120_000]) assert.equal((await send(sizeBytes)).status, 200);
});

test('an error that nobody declared is a 500 without detail, and the log has the rest', async () => {
  await using server = await start({
    operations: [
      operation('act', () => {
        throw new Error('the disk is on fire');
      }),
    ],
  });
  const response = await fetch(`${server.url}${prefix}/act`, { method: 'POST', headers: authorised });
  assert.equal(response.status, 500);
  const requestId = response.headers.get('x-request-id');
  assert.deepEqual(await response.json(), {
    error: 'Something went wrong on our side. The log of this server tells more under the requestId.',
    code: 'internal',
    requestId,
    value: false,
  });
  const line = server.log.find(({ level }) => level === pino.levels.values.error);
  assert.equal(line?.requestId, requestId);
  assert.match(JSON.stringify(line), /the disk is on fire/);
});

test('how refusals are answered is up to the server, and each request may say otherwise', async () => {
  const operations = [
    operation('act', () => {
      throw new GatewayError('not_group_admin');
    }),
  ];
  for (const [handling, prefer, expected] of [
    ['lenient', undefined, 200],
    ['lenient', 'handling=strict', 403],
    ['strict', undefined, 403],
    ['strict', 'handling=lenient', 200],
  ] as const) {
    await using server = await start({ operations, services: { ...services, handling } });
    const response = await fetch(`${server.url}${prefix}/act`, {
      method: 'POST',
      headers: { ...authorised, ...(prefer && { Prefer: prefer }) },
    });
    assert.equal(response.status, expected);
    assert.equal(((await response.json()) as { value: boolean }).value, false);
    assert.equal(response.headers.get('preference-applied'), prefer ?? null);
  }
});

test('what is ours is strict whatever is preferred, and says only what it applied', async () => {
  const refuse = () => {
    throw new GatewayError('not_group_admin');
  };
  await using server = await start({ operations: [{ ...operation('act', refuse), isExtension: true }] });
  for (const [prefer, applied] of [
    ['handling=lenient', null],
    ['handling=strict', 'handling=strict'],
  ] as const) {
    const headers = { ...authorised, Prefer: prefer };
    const response = await fetch(`${server.url}${prefix}/act`, { method: 'POST', headers });
    assert.equal(response.status, 403);
    assert.equal(response.headers.get('preference-applied'), applied);
  }
});

test('what is no HTTP, and what is no URL, is refused in the form of all failures', async () => {
  await using server = await start();
  for (const [bytes, status, code] of [
    ['HELLO\r\n\r\n', 400, 'invalid_request'],
    [head('GET', '/health', { Cookie: 'c'.repeat(20_000) }), 431, 'headers_too_large'],
    ['GET /health HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'invalid_request'],
  ] as const) {
    const socket = await dial(server.url);
    socket.write(bytes);
    const [headers = '', body = ''] = (await text(socket)).split('\r\n\r\n');
    assert.match(headers, new RegExp(`^HTTP/1\\.1 ${status} `));
    const answer = JSON.parse(body);
    assert.equal(answer.code, code);
    assert.match(headers, new RegExp(`^X-Request-Id: ${answer.requestId}`, 'im'));
    assert.ok(server.log.some(({ requestId }) => requestId === answer.requestId));
  }

  const response = await fetch(`${server.url}${prefix}/%`, { headers: authorised });
  assert.equal(response.status, 400);
  assert.equal(((await response.json()) as { code: string }).code, 'invalid_request');
});

test('the log has a line for each request and none of the secrets in it', async () => {
  await using server = await start();
  const secrets = [known.instanceToken, known.clientToken, known.partnerToken, 'query-secret', 'body-secret'];
  const everySecret = { ...json, Authorization: `Bearer ${known.partnerToken}`, 'X-Request-Id': 'grep-1' };
  for (const path of [
    `${prefix}/status`,
    `${prefix}/act?token=query-secret`,
    `${prefix}/${known.partnerToken}/${known.clientToken}`,
    `/instance/${known.instanceToken}/tokn/${known.instanceToken}`,
    `/instances/${known.instanceToken}/token/${known.instanceId}/status`,
    `${prefix}/%`,
  ]) {
    const body = '{"value": "body-secret", "broken"';
    await (await fetch(server.url + path, { headers: everySecret })).text();
    await (await fetch(server.url + path, { method: 'POST', headers: everySecret, body })).text();
  }
  const socket = await dial(server.url);
  socket.end(`GET ${prefix}/status HTTP/1.1\r\nClient-Token: ${known.clientToken}\r\nbroken\r\n\r\n`);
  await text(socket);

  const log = server.log.map((line) => JSON.stringify(line)).join('\n');
  assert.deepEqual(
    secrets.filter((secret) => log.includes(secret)),
    [],
  );
  const line = server.log.find(({ operation }) => operation === 'status');
  assert.deepEqual(
    { requestId: line?.requestId, instanceId: line?.instanceId, status: line?.status, path: line?.path },
    {
      requestId: 'grep-1',
      instanceId: known.instanceId,
      status: 200,
      path: '/instances/***/token/***/status',
    },
  );
});

test('a client that goes away while it sends is noted, and is not our error', {
  timeout: 5_000,
}, async () => {
  const begun = Promise.withResolvers<void>();
  const findInstance: typeof services.findInstance = (id) => {
    begun.resolve();
    return services.findInstance(id);
  };
  const server = await start({ services: { ...services, findInstance } });
  const socket = await dial(server.url);
  socket.write(head('POST', `${prefix}/act`, { ...json, 'Content-Length': '100' }));
  socket.write('{"groupId":');
  await begun.promise;
  socket.resetAndDestroy();
  await server[Symbol.asyncDispose]();
  const isOver = () => server.log.some(({ msg }) => msg === 'client went away before the answer');
  while (!isOver()) await nextTurn();
  assert.deepEqual(
    server.log.filter(({ level }) => level === pino.levels.values.error),
    [],
  );
});

test('stopping lets requests in flight finish and takes no others', { timeout: 5_000 }, async () => {
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const server = await start({
    graceMs: 60_000,
    operations: [
      operation('act', async () => {
        begun.resolve();
        await finish.promise;
        return { value: true };
      }),
    ],
  });
  const answer = fetch(`${server.url}${prefix}/act`, { method: 'POST', headers: authorised });
  await begun.promise;
  const stopped = server[Symbol.asyncDispose]();
  await assert.rejects(async () => {
    for (;;) await (await fetch(`${server.url}/health`)).text();
  });
  finish.resolve();
  assert.deepEqual(await (await answer).json(), { value: true });
  await stopped;
});

test('stopping answers what takes longer than it may wait, and logs no more of it when it ends', {
  timeout: 5_000,
}, async () => {
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<{ value: boolean }>();
  let calls = 0;
  const handle = () => {
    if (++calls === 2) begun.resolve();
    return finish.promise;
  };
  const server = await start({
    graceMs: 10,
    operations: [{ ...operation('act', handle), takesIdempotencyKey: true }],
  });
  const halfABody = await dial(server.url);
  halfABody.write(`${head('POST', `${prefix}/act`, { ...json, 'Content-Length': '100' })}{"half":`);
  const ask = (headers: object) =>
    fetch(`${server.url}${prefix}/act`, { method: 'POST', headers: { ...authorised, ...headers } });
  const [plain, keyed] = [ask({}), ask({ 'Idempotency-Key': 'stopping' })];
  await begun.promise;
  const halfAnswer = text(halfABody);
  await server[Symbol.asyncDispose]();
  for (const response of [await plain, await keyed]) {
    assert.equal(response.status, 503);
    assert.deepEqual(
      [response.headers.get('retry-after'), response.headers.get('connection')],
      ['5', 'close'],
    );
    const { error, code, value } = (await response.json()) as Line;
    assert.deepEqual({ code, value }, { code: 'shutting_down', value: false });
    assert.match(String(error), /may have been done or not/);
  }
  assert.match(await halfAnswer, /^HTTP\/1\.1 503 [\s\S]*"code":"shutting_down"/);
  const lines = server.log.length;
  finish.resolve({ value: true });
  await nextTurn();
  assert.equal(server.log.length, lines);
});

test('stopping waits for nobody who does not even ask', { timeout: 5_000 }, async () => {
  const server = await start({ graceMs: 10 });
  const socket = await dial(server.url);
  socket.write('POST ');
  const answer = text(socket);
  await server[Symbol.asyncDispose]();
  assert.equal(await answer, '');
});

test('what arrives while the server stops is told to come back, and the server is not ready', {
  timeout: 5_000,
}, async () => {
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<{ value: boolean }>();
  let calls = 0;
  const server = await start({
    graceMs: 60_000,
    operations: [
      operation('act', () => {
        calls++;
        begun.resolve();
        return finish.promise;
      }),
    ],
  });
  const beginnings = await Promise.all(
    [head('POST', `${prefix}/act`, authorised), head('GET', '/ready', {})].map(async (request) => {
      const socket = await dial(server.url);
      socket.write(request.slice(0, -2));
      return socket;
    }),
  );
  const first = fetch(`${server.url}${prefix}/act`, { method: 'POST', headers: authorised });
  await begun.promise;
  const stopped = server[Symbol.asyncDispose]();
  const answers = beginnings.map((socket) => {
    socket.write('\r\n');
    return text(socket);
  });
  const [refused = '', ready = ''] = await Promise.all(answers);
  assert.match(refused, /^HTTP\/1\.1 503 [\s\S]*retry-after: 5[\s\S]*"code":"shutting_down"/);
  assert.match(ready, /^HTTP\/1\.1 503 [\s\S]*\{"ready":false\}$/);
  finish.resolve({ value: true });
  assert.equal((await first).status, 200);
  assert.equal(calls, 1);
  await stopped;
});

type Line = Readonly<Record<string, unknown>>;

async function start(others: Partial<HttpOptions> = {}) {
  const log: Line[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => log.push(JSON.parse(line)) });
  const server = await startHttp({
    operations: [status, operation('act', () => ({ value: true }))],
    services,
    host: '127.0.0.1',
    port: 0,
    logger,
    graceMs: 8_000,
    ...others,
  });
  return { ...server, log };
}

function operation(name: string, handle: () => { value: boolean } | Promise<{ value: boolean }>): Operation {
  return instanceOperation({
    name,
    section: 'instance',
    method: 'POST',
    path: `/${name}`,
    summary: 'Do what the test says.',
    input: Type.Object({}),
    output: value,
    example: { input: {}, output: { value: true } },
    errors: ['not_group_admin'],
    handle: async () => handle(),
  });
}

async function dial(url: string) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return socket;
}

function head(method: string, path: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ Host: 'localhost', ...headers }).map(([name, text]) => `${name}: ${text}`);
  return [`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}
