import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import { Type } from 'typebox';
import { openServices } from '../../test/services.ts';
import { instanceOperation } from '../operation.ts';
import { picture, value } from '../operations/fields.ts';
import { type HttpOptions, startHttp } from './server.ts';

const parts = await openServices();
after(() => parts[Symbol.asyncDispose]());
const { services, known } = parts;

const prefix = `/instances/${known.instanceId}/token/${known.instanceToken}`;
const authorised = { 'Client-Token': known.clientToken };
const json = { ...authorised, 'Content-Type': 'application/json' };

const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * index) % 251));
const file = (name = 'group.png') => new File([bytes], name, { type: 'image/png' });

test('a large picture in JSON reaches the operation as its bytes, with a length or without one', async () => {
  await using server = await start();
  const body = JSON.stringify({ groupId: 'a', photo: bytes.toString('base64'), fit: 'cover' });
  const known = await server.send('/take', { headers: json, body });
  assert.deepEqual(known.input, { groupId: 'a', groupPhoto: bytes, fit: 'cover' });
  const stream = new Blob([body]).stream();
  const unknown = await server.send('/take', { headers: json, body: stream, duplex: 'half' });
  assert.deepEqual(unknown.input, known.input);
});

/** What the longest of the turns that this thread makes until `done` costs of the processor, in milliseconds. */
async function longestTurnMs(done: Promise<unknown>): Promise<number> {
  let isDone = false;
  const end = () => {
    isDone = true;
  };
  done.then(end, end);
  let longest = 0;
  for (let before = process.threadCpuUsage(); !isDone; ) {
    await nextTurn();
    const now = process.threadCpuUsage();
    longest = Math.max(longest, now.user - before.user + now.system - before.system);
    before = now;
  }
  return longest / 1_000;
}

const mostBytes = Buffer.alloc(16 * 2 ** 20, bytes);
const lines = mostBytes.toString('base64').replace(/.{76}/g, '$&\r\n');
for (const [clothing, text] of [
  ['bare', mostBytes.toString('base64')],
  ['URL-safe', mostBytes.toString('base64url')],
  ['in a data URI', `data:image/png;base64,${mostBytes.toString('base64')}`],
  ['in lines', lines],
] as const) {
  test(`Base64 up to the limit of a body stops the others for no more than 50 ms at a time (${clothing})`, async () => {
    await using server = await start();
    const body = Buffer.from(JSON.stringify({ groupPhoto: text, groupId: 'a' }));
    const socket = await dial(server.url);
    const answered = once(socket, 'data');
    socket.write(head('/take', { ...json, 'Content-Length': String(body.length) }));
    socket.write(body);
    const longestMs = await longestTurnMs(answered);
    socket.destroy();
    assert.match(String(await answered), /^HTTP\/1\.1 200 /);
    assert.deepEqual(server.inputs[0], { groupPhoto: mostBytes, groupId: 'a' });
    assert.ok(longestMs < 50, `${longestMs} ms`);
  });
}

test('more text than a picture needs is refused, naming the limit', async () => {
  await using server = await start();
  const socket = await dial(server.url);
  socket.write(head('/take', { ...json, 'Content-Length': '8000000' }));
  socket.write(`{"groupId":"${'a'.repeat(7_000_000)}`);
  const [answer] = await once(socket, 'data');
  socket.destroy();
  assert.match(String(answer), /^HTTP\/1\.1 413 [\s\S]*"code":"body_too_large".*"limitBytes":5242880/);
});

describe('multipart/form-data', () => {
  test('gives the file as bytes and the other parts as texts', async () => {
    await using server = await start();
    const body = form({ groupId: 'a', groupPhoto: file(), fit: 'cover' });
    const { input } = await server.send('/take', { headers: authorised, body });
    assert.deepEqual(input, { groupId: 'a', groupPhoto: bytes, fit: 'cover' });
  });

  test('takes the one file, whatever its part is called', async () => {
    await using server = await start();
    for (const name of ['photo', 'image', 'data', 'file', 'file[]', '']) {
      const body = form({ [name]: file(), groupId: 'a' });
      const { input } = await server.send('/take', { headers: authorised, body });
      assert.deepEqual(input, { groupId: 'a', groupPhoto: bytes }, name);
    }
  });

  test('takes the picture as text, too: a URL, or Base64 however long', async () => {
    await using server = await start();
    for (const [text, groupPhoto] of [
      ['https://a.test/b.png', 'https://a.test/b.png'],
      [bytes.toString('base64'), bytes],
    ] as const) {
      const body = form({ groupId: 'a', groupPhoto: text });
      const { input } = await server.send('/take', { headers: authorised, body });
      assert.deepEqual(input, { groupId: 'a', groupPhoto });
    }
  });

  test('takes a list in JSON as a list, in a text and in the query', async () => {
    await using server = await start();
    const phones = JSON.stringify(['a', 'b']);
    const body = form({ groupId: 'a', groupPhoto: file(), phones });
    const inText = await server.send('/take', { headers: authorised, body });
    assert.deepEqual(inText.input?.phones, ['a', 'b']);
    const query = new URLSearchParams({ groupId: 'a', phones: JSON.stringify(['c', 'd']) });
    const headers = { ...authorised, 'Content-Type': 'image/png' };
    const inQuery = await server.send(`/take?${query}`, { headers, body: bytes });
    assert.deepEqual(inQuery.input?.phones, ['c', 'd']);
  });

  test('decodes a file whose part says that it is Base64, and tells what to do with one that does not say so', async () => {
    await using server = await start();
    const send = (fileHead: string, content: string) => {
      const disposition = 'Content-Disposition: form-data; name="groupPhoto"; filename="a.png"';
      const body = `--X\r\n${disposition}\r\n${fileHead}\r\n${content}\r\n--X--\r\n`;
      const headers = { ...authorised, 'Content-Type': 'multipart/form-data; boundary=X' };
      return server.send('/take?groupId=a', { headers, body });
    };
    const encoded = 'Content-Transfer-Encoding: BASE64\r\n';
    const inLines = bytes.toString('base64').replace(/.{76}/g, '$&\r\n');
    assert.deepEqual((await send(encoded, inLines)).input?.groupPhoto, bytes);
    for (const [fileHead, content, sentence] of [
      [encoded, 'no Base64!', /^The file is not Base64/],
      [encoded, 'AAAAA', /^The file is not Base64/],
      ['', inLines, /^groupPhoto: .*as a text field named groupPhoto/],
      ['', `data:image/png;base64,${inLines}`, /^groupPhoto: .*as a text field named groupPhoto/],
    ] as const) {
      const { status, answer } = await send(fileHead, content);
      assert.deepEqual([status, answer.code], [400, 'invalid_request'], fileHead);
      assert.match(String(answer.error), sentence);
    }
  });

  test('leaves out what a form left empty', async () => {
    await using server = await start();
    const body = form({ groupId: 'a', groupPhoto: 'https://a.test/b.png', file: new File([], ''), fit: '' });
    const { input } = await server.send('/take', { headers: authorised, body });
    assert.deepEqual(input, { groupId: 'a', groupPhoto: 'https://a.test/b.png' });
  });

  test('takes several parts of one name, and a part called name[], as a list', async () => {
    await using server = await start();
    const body = new FormData();
    for (const [name, phone] of [
      ['phones', 'a'],
      ['phones', 'b'],
      ['phones[]', 'c'],
      ['phones[3]', 'd'],
    ] as const) {
      body.append(name, phone);
    }
    body.append('groupPhoto', file());
    body.append('groupId', 'a');
    const { input } = await server.send('/take', { headers: authorised, body });
    assert.deepEqual(input?.phones, ['a', 'b', 'c', 'd']);
    const single = form({ groupId: 'a', groupPhoto: file(), 'phones[]': 'a' });
    assert.deepEqual((await server.send('/take', { headers: authorised, body: single })).input?.phones, [
      'a',
    ]);
  });

  test('names what is missing, what is there twice, and what is empty', async () => {
    await using server = await start();
    const twoFiles = form({ groupId: 'a', groupPhoto: file(), other: file() });
    for (const [body, sentence] of [
      [form({ groupPhoto: file() }), /^groupId: missing/],
      [form({ groupId: 'a' }), /^groupPhoto: missing/],
      [form({ groupId: 'a', groupPhoto: new File([], 'empty.png') }), /^groupPhoto: the file is empty\.$/],
      [twoFiles, /more than one file/],
      [form({ groupId: 'a', file: file(), photo: 'https://a.test/b.png' }), /twice.*"photo"/],
    ] as const) {
      const { status, answer } = await server.send('/take', { headers: authorised, body });
      assert.deepEqual([status, answer.code], [400, 'invalid_request']);
      assert.match(String(answer.error), sentence);
    }
  });

  test('is refused when it has too many parts, or too long a text', async () => {
    await using server = await start();
    const manyParts = new FormData();
    for (let part = 0; part < 1_000; part++) manyParts.append('phones', 'b');
    for (const [name, text] of [
      ['groupId', 'a'],
      ['groupPhoto', 'https://a.test/b.png'],
    ] as const)
      manyParts.append(name, text);
    const enough = await server.send('/take', { headers: authorised, body: manyParts });
    assert.deepEqual(enough.input?.phones, Array(1_000).fill('b'));
    for (let part = 0; part < 100; part++) manyParts.append('a', 'b');
    const many = await server.send('/take', { headers: authorised, body: manyParts });
    assert.match(String(many.answer.error), /more than 1100 parts/);
    const body = form({ groupId: 'a'.repeat(7_000_000) });
    const { status, answer } = await server.send('/take', { headers: authorised, body });
    assert.deepEqual([status, answer.code], [413, 'body_too_large']);
    assert.match(String(answer.error), /"groupId"/);
  });

  test('that is not complete, or not in the boundary that was announced, is told so', async () => {
    await using server = await start();
    const part = '--X\r\nContent-Disposition: form-data; name="groupPhoto"; filename="a"\r\n\r\nbytes\r\n';
    for (const [type, body, sentence] of [
      ['multipart/form-data', `${part}--X--\r\n`, /without a boundary/],
      [
        `multipart/form-data; boundary=${'X'.repeat(300)}`,
        `${part}--X--\r\n`,
        /boundary that is longer than/,
      ],
      ['multipart/form-data; boundary=X', `${part}--X--\r\n`.replaceAll('\r', ''), /not complete.*CR LF/],
      ['multipart/form-data; boundary=Y', `${part}--X--\r\n`, /not complete/],
      ['multipart/form-data; boundary=X', part, /not complete/],
      ['multipart/form-data; boundary=X', part.slice(0, 60), /not complete/],
      ['multipart/form-data; boundary=X', '--X--\r\n', /groupId: missing.*groupPhoto: missing/],
      ['multipart/form-data; boundary=X', 'no multipart', /not complete/],
    ] as const) {
      const headers = { ...authorised, 'Content-Type': type };
      const { status, answer } = await server.send('/take', { headers, body });
      assert.deepEqual([status, answer.code], [400, 'invalid_request'], body);
      assert.match(String(answer.error), sentence);
    }
  });
});

describe('a picture as the body', () => {
  const types = ['image/png', 'image/svg+xml; charset=utf-8', 'IMAGE/JPEG', 'application/octet-stream'];

  test('reaches the operation as its bytes, with the other fields from the query', async () => {
    await using server = await start();
    for (const type of types) {
      const headers = { ...authorised, 'Content-Type': type };
      const { input } = await server.send('/take?groupId=a&fit=cover', { headers, body: bytes });
      assert.deepEqual(input, { groupId: 'a', groupPhoto: bytes, fit: 'cover' }, type);
    }
  });

  test('with a field twice in the query is told so', async () => {
    await using server = await start();
    const headers = { ...authorised, 'Content-Type': 'image/png' };
    const { answer } = await server.send('/take?groupId=a&groupId=b', { headers, body: bytes });
    assert.match(String(answer.error), /^groupId: there are 2 values\. Send one\./);
  });

  test('needs the other fields all the same, and a picture that is not empty', async () => {
    await using server = await start();
    const headers = { ...authorised, 'Content-Type': 'image/png' };
    const withoutGroup = await server.send('/take', { headers, body: bytes });
    assert.match(String(withoutGroup.answer.error), /^groupId: missing/);
    const stream = new Blob([]).stream();
    const empty = await server.send('/take?groupId=a', { headers, body: stream, duplex: 'half' });
    assert.match(String(empty.answer.error), /^groupPhoto: missing/);
  });
});

test('what no operation takes is refused, naming what this one takes', async () => {
  await using server = await start();
  const types = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/pdf',
    'image',
    'image/',
    '',
    ';',
  ];
  for (const type of types) {
    const headers = { ...authorised, 'Content-Type': type };
    const { status, answer } = await server.send('/take', { headers, body: 'a=b' });
    assert.deepEqual([status, answer.code], [415, 'unsupported_media_type']);
    assert.match(String(answer.error), /application\/json.*multipart\/form-data.*image\/png/);
  }
});

test('an operation that takes no upload takes JSON only', async () => {
  await using server = await start();
  for (const type of ['image/png', 'application/octet-stream', 'multipart/form-data; boundary=X']) {
    const headers = { ...authorised, 'Content-Type': type };
    const { status, answer } = await server.send('/act', { headers, body: 'picture' });
    assert.deepEqual([status, answer.code], [415, 'unsupported_media_type']);
    assert.doesNotMatch(String(answer.error), /multipart/);
  }
});

const multipartHead = '--X\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n';
for (const [type, beginning] of [
  ['application/json', `{"groupPhoto":"${bytes.toString('base64')}`],
  ['multipart/form-data; boundary=X', `${multipartHead}${'A'.repeat(200_000)}`],
  ['image/png', 'A'.repeat(200_000)],
] as const) {
  const headers = { ...authorised, 'Content-Type': type };

  test(`a body over the limit is refused, announced or not (${type})`, async () => {
    await using server = await start({ bodyBytes: 150_000 });
    for (const [name, length] of [
      ['Content-Length', '200000'],
      ['Transfer-Encoding', 'chunked'],
    ] as const) {
      const socket = await dial(server.url);
      socket.write(head('/take?groupId=a', { ...headers, [name]: length }));
      if (length === 'chunked') socket.write(`${beginning.length.toString(16)}\r\n${beginning}\r\n`);
      const [answer] = await once(socket, 'data');
      socket.destroy();
      assert.match(String(answer), /^HTTP\/1\.1 413 [\s\S]*"code":"body_too_large".*"limitBytes":150000/);
    }
  });

  test(`a client that goes away while it sends makes room for others, and is not our error (${type})`, {
    timeout: 10_000,
  }, async () => {
    await using server = await start({ totalBodyBytes: 450_000 });
    const socket = await dial(server.url);
    socket.write(head('/take?groupId=a', { ...headers, 'Content-Length': '500000' }));
    socket.write(beginning);
    const ask = () =>
      server.send('/take?groupId=a', {
        headers: { ...authorised, 'Content-Type': 'image/png' },
        body: bytes,
      });
    while ((await ask()).answer.code !== 'overloaded') await nextTurn();
    socket.resetAndDestroy();
    while ((await ask()).status !== 200) await nextTurn();
    assert.deepEqual(
      server.log.filter(({ level }) => level === pino.levels.values.error),
      [],
    );
  });

  test(`a client that stops sending is told so after a while (${type})`, { timeout: 10_000 }, async () => {
    await using server = await start({ arrivalMs: 100 });
    const socket = await dial(server.url);
    socket.write(head('/take?groupId=a', { ...headers, 'Content-Length': '500000' }));
    socket.write(beginning);
    assert.match(await text(socket), /^HTTP\/1\.1 408 [\s\S]*"code":"request_timeout"/);
  });
}

test('bodies that are only announced, and never come, keep nobody out', { timeout: 10_000 }, async () => {
  await using server = await start({ totalBodyBytes: 500_000, silenceMs: 500 });
  const headers = { ...authorised, 'Content-Type': 'image/png' };
  const slow = await Promise.all(
    Array.from({ length: 16 }, async () => {
      const socket = await dial(server.url);
      socket.write(head('/take?groupId=a', { ...headers, 'Content-Length': '16777216' }));
      return socket;
    }),
  );
  const { status } = await server.send('/take?groupId=a', { headers, body: bytes });
  assert.equal(status, 200);
  for (const socket of slow) {
    assert.match(
      await text(socket),
      /^HTTP\/1\.1 408 [\s\S]*connection: close[\s\S]*"code":"request_timeout"/,
    );
  }
});

test('a body that finds no room in the middle gives back what it had, before the rest of it has come', {
  timeout: 10_000,
}, async ({ signal }) => {
  await using server = await start({ totalBodyBytes: 450_000 });
  const headers = { ...authorised, 'Content-Type': 'image/png' };
  const send = () => server.send('/take?groupId=a', { headers, body: bytes });
  const socket = await dial(server.url);
  const answer = text(socket);
  socket.write(head('/take?groupId=a', { ...headers, 'Content-Length': '500000', Connection: 'close' }));
  socket.write(bytes.subarray(0, 200_000));
  while ((await send()).answer.code !== 'overloaded') signal.throwIfAborted();
  socket.write(Buffer.alloc(260_000));
  while ((await send()).status !== 200) signal.throwIfAborted();
  socket.write(Buffer.alloc(40_000));
  assert.match(await answer, /"code":"overloaded"/);
});

test('an operation that takes no picture takes no more than a MiB, announced or not', async () => {
  await using server = await start();
  const padded = (bodyBytes: number) => '{"text":"'.padEnd(bodyBytes - 2, 'a').concat('"}');
  for (const body of [padded(2 ** 20), new Blob([padded(2 ** 20)]).stream()])
    assert.equal((await server.send('/act', { headers: json, body, duplex: 'half' })).status, 200);

  const tooMuch = /^HTTP\/1\.1 413 [\s\S]*"code":"body_too_large".*"limitBytes":1048576/;
  const announced = await dial(server.url);
  announced.write(head('/act', { ...json, 'Content-Length': String(2 ** 20 + 1) }));
  assert.match(String(await once(announced, 'data')), tooMuch);
  announced.destroy();
  const chunked = await dial(server.url);
  chunked.write(head('/act', { ...json, 'Transfer-Encoding': 'chunked' }));
  chunked.write(`${(2 ** 20 + 1).toString(16)}\r\n${padded(2 ** 20)} \r\n`); // and more would follow
  assert.match(String(await once(chunked, 'data')), tooMuch);
  chunked.destroy();
});

test('a picture that is announced as larger than any may be is refused before it comes', async () => {
  await using server = await start();
  for (const [path, code] of [
    ['/take?groupId=a', 'picture_too_large'],
    ['/act', 'unsupported_media_type'],
  ] as const) {
    const socket = await dial(server.url);
    socket.write(head(path, { ...authorised, 'Content-Type': 'image/png', 'Content-Length': '16777217' }));
    socket.write('the beginning');
    assert.match(String(await once(socket, 'data')), new RegExp(`"code":"${code}"`));
    socket.destroy();
  }
});

test('whoever asks whether to send a body is told to when it will be read, and else why not', {
  timeout: 10_000,
}, async () => {
  await using server = await start();
  const asking = { ...json, Expect: '100-continue' };
  const body = '{"groupId": "a", "groupPhoto": "https://a.test/b.png"}';
  const socket = await dial(server.url);
  socket.write(head('/take', { ...asking, 'Content-Length': String(body.length) }));
  assert.match(String(await once(socket, 'data')), /^HTTP\/1\.1 100 Continue/);
  socket.write(body);
  assert.match(String(await once(socket, 'data')), /^HTTP\/1\.1 200 /);
  socket.destroy();

  for (const [headers, status] of [
    [{ ...asking, 'Content-Length': '50000000' }, 413],
    [{ ...asking, 'Content-Length': '50000000', Connection: 'close' }, 413],
    [{ ...asking, 'Content-Length': '20', 'Client-Token': 'wrong' }, 403],
  ] as const) {
    const refused = await dial(server.url);
    refused.write(head('/take', headers));
    assert.match(await text(refused), new RegExp(`^HTTP/1\\.1 ${status} `));
  }
});

test('pictures that come piece by piece, side by side, are not mixed up', async () => {
  await using server = await start();
  const answers = Array.from({ length: 4 }, async (_, index) => {
    const own = Buffer.alloc(50_000, index + 1);
    const body = JSON.stringify({ groupId: String(index), groupPhoto: own.toString('base64') });
    const pieces = new ReadableStream<Uint8Array>({
      async start(controller) {
        for (let start = 0; start < body.length; start += 5_000) {
          controller.enqueue(Buffer.from(body.slice(start, start + 5_000)));
          await nextTurn();
        }
        controller.close();
      },
    });
    const headers = { ...json, 'X-Request-Id': `piece-${index}` };
    await server.send('/take', { headers, body: pieces, duplex: 'half' });
    assert.deepEqual(server.inputs.find(({ groupId }) => groupId === String(index))?.groupPhoto, own);
  });
  await Promise.all(answers);
});

type Fields = Readonly<Record<string, unknown>>;

async function start(others: Partial<HttpOptions> = {}) {
  const log: Fields[] = [];
  const inputs: Fields[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => log.push(JSON.parse(line)) });
  const common = { section: 'instance', method: 'POST', output: value, errors: [] } as const;
  const server = await startHttp({
    operations: [
      instanceOperation({
        ...common,
        name: 'take',
        path: '/take',
        summary: 'Take a picture.',
        input: Type.Object({
          groupId: Type.String(),
          groupPhoto: picture,
          fit: Type.Optional(Type.String()),
          phones: Type.Optional(Type.Array(Type.String())),
        }),
        aliases: { groupPhoto: ['photo', 'image'] },
        upload: 'groupPhoto',
        example: { input: { groupId: 'a', groupPhoto: 'https://a.test/b.png' }, output: { value: true } },
        async handle(input) {
          inputs.push(input);
          return { value: true };
        },
      }),
      instanceOperation({
        ...common,
        name: 'act',
        path: '/act',
        summary: 'Do nothing.',
        input: Type.Object({}),
        example: { input: {}, output: { value: true } },
        handle: async () => ({ value: true }),
      }),
    ],
    services,
    host: '127.0.0.1',
    port: 0,
    logger,
    graceMs: 8_000,
    ...others,
  });
  return {
    ...server,
    log,
    inputs,
    /** Posts to an operation; `input` is what the last one to be called was given. */
    async send(path: string, init: RequestInit) {
      const response = await fetch(`${server.url}${prefix}${path}`, { method: 'POST', ...init });
      const answer = (await response.json()) as Fields;
      return { status: response.status, answer, input: inputs.at(-1) };
    },
  };
}

function form(fields: Readonly<Record<string, string | File>>): FormData {
  const data = new FormData();
  for (const [name, field] of Object.entries(fields)) data.append(name, field);
  return data;
}

async function dial(url: string) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return socket;
}

function head(path: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ Host: 'localhost', ...headers }).map(([name, text]) => `${name}: ${text}`);
  return [`POST ${prefix}${path} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}
