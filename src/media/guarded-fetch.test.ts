import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import {
  failureOf,
  picture,
  read,
  readerWith,
  serve,
  servePicture,
  serveRaw,
} from '../../test/picture-servers.ts';
import { ByteBudget } from './byte-budget.ts';

test('a picture is fetched with a GET that says who we are and what we want, and nothing else', async () => {
  await using server = await serve((request, response) => {
    const { method, headers } = request;
    response.end(JSON.stringify([method, headers]));
  });
  assert.deepEqual(JSON.parse(await read(server.url)), [
    'GET',
    {
      host: `pictures.test:${server.port}`,
      connection: 'close',
      'user-agent': 'Pombo/test (+https://pombo.test)',
      accept: 'image/*, */*;q=0.1',
      'accept-encoding': 'identity',
    },
  ]);
});

test('the query arrives byte for byte as it was written', async () => {
  await using server = await serve((request, response) => response.end(request.url));
  for (const query of [
    "?a=b'c&d=%2f%2F+~!*()|{}^`",
    '',
    '?',
    '??',
    '?&&=&',
    '?a=1?b=2&&x=%zz',
    '?"quoted"=<x>;b=2\\',
    '?b=2&a=1&b=1&A=3',
    '?nome=S%C3%A3o%20Paulo&outro=s%c3%a3o+paulo',
    '?X-Amz-Credential=AKIA%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=0aF9~-_.',
    '?sv=2024-11-04&se=2026-01-01T00%3A00%3A00Z&sr=b&sig=a%2Bb%2Fc%3D&rscd=attachment;%20filename%3D%22a.png%22',
    '?redirect=https://user:pass@host/path/../../x#'.slice(0, -1),
  ]) {
    assert.equal(
      await read(`http://pictures.test:${server.port}/a%20b.png${query}#top`),
      `/a%20b.png${query}`,
    );
  }
  assert.equal(
    await read(`  http://pictures.test:${server.port}/é?ção=1 2\n`),
    '/%C3%A9?%C3%A7%C3%A3o=1%202',
  );
});

test('up to five redirects are followed, relative and absolute ones, the query untouched', async () => {
  await using server = await serve((request, response) => {
    const here = `//PICTURES.test:${server.port}`;
    const locations: Record<string, string> = {
      '/6': '/5',
      '/5': "four?x='y'",
      "/four?x='y'": '?',
      '/four?': `${here}/two`,
      '/two': `http:${here}/one#part?no=query`,
      '/one': "/end?x='y'&z=%2f+#top",
    };
    const location = locations[request.url ?? ''];
    if (location) response.writeHead(302, { location });
    response.end(location ? 'elsewhere' : request.url);
  });
  assert.equal(await read(`http://pictures.test:${server.port}/5`), "/end?x='y'&z=%2f+");
  assert.match(
    await failureOf(`http://pictures.test:${server.port}/6`),
    /^picture_url_failed: .*redirects more than 5 times/,
  );
  assert.equal(server.connections, 12, 'each request has a connection of its own');
});

test('every status that redirects is followed with a GET, and no other', async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    await using server = await serve(({ url, method }, response) =>
      url === '/end' ? response.end(method) : response.writeHead(status, { location: '/end' }).end(),
    );
    assert.equal(await read(server.url), 'GET', String(status));
  }
  for (const status of [300, 304, 305]) {
    await using server = await serve((_request, response) =>
      response.writeHead(status, { location: '/end' }).end(),
    );
    assert.match(await failureOf(server.url), new RegExp(`^picture_url_failed: .*answered ${status}`));
  }
});

test('a redirect written in UTF-8 is followed to where it says', async () => {
  const location = Buffer.from('/fotó.png').toString('latin1'); // as bytes
  await using server = await serve(({ url }, response) =>
    url === '/fot%C3%B3.png' ? response.end(picture) : response.writeHead(302, { location }).end(),
  );
  assert.equal(await read(server.url), picture.toString());
});

test('a body that nobody reads is not waited for', async () => {
  const hungUp: Promise<unknown>[] = [];
  await using server = await serve(({ url }, response) => {
    if (url === '/end') {
      response.end(picture);
      return;
    }
    hungUp.push(once(response, 'close'));
    response.writeHead(url === '/403' ? 403 : 302, { location: '/end' }).write('there is more to come');
  });
  assert.equal(await read(server.url), picture.toString());
  assert.match(await failureOf(`http://pictures.test:${server.port}/403`), /answered 403/);
  assert.equal(hungUp.length, 2);
  await Promise.all(hungUp);
});

test('what a server gives to be sent back goes to nobody', async () => {
  await using server = await serve(({ url, headers }, response) => {
    if (url === '/end') response.end(JSON.stringify(Object.keys(headers)));
    else
      response.writeHead(302, { location: '/end', 'set-cookie': 'id=1; Path=/; Domain=pictures.test' }).end();
  });
  const names = ['host', 'connection', 'user-agent', 'accept', 'accept-encoding'];
  assert.deepEqual(JSON.parse(await read(server.url)), names);
});

test('redirects that go round end', async () => {
  let requests = 0;
  await using server = await serve((_request, response) => {
    requests++;
    response.writeHead(307, { location: '/photo' }).end();
  });
  assert.match(await failureOf(server.url), /^picture_url_failed: .*redirects more than 5 times/);
  assert.equal(requests, 6);
});

test('a redirect to what is not fetched is not followed', async () => {
  await using secret = await servePicture();
  for (const location of [
    `http://127.0.0.1:${secret.port}/`,
    `//127.1:${secret.port}/`,
    `http://[::ffff:127.0.0.1]:${secret.port}/`,
    `http://intern.test:${secret.port}/`,
    'http://169.254.169.254/latest/meta-data/',
    'file:///etc/passwd',
    'ftp://pictures.test/photo',
    'data:image/png;base64,AAAA',
    'http://user:password@pictures.test/photo',
    'http://[nonsense/',
    `/${'a'.repeat(16_384)}`,
  ]) {
    // A server that sends 17 kB of header has to be asked by hand.
    await using server = await serveRaw((socket) =>
      socket.end(`HTTP/1.1 302 Found\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`),
    );
    assert.match(await failureOf(server.url), /^picture_url_(forbidden|failed: .*proper HTTP)/, location);
  }
  assert.equal(secret.connections, 0);
});

test('a body without an end is given up at the limit', async () => {
  const hungUp = Promise.withResolvers<void>();
  await using server = await serve((_request, response) => {
    const chunk = Buffer.alloc(256 * 1024);
    response.on('drain', () => response.write(chunk)).on('close', hungUp.resolve);
    response.write(chunk);
  });
  using reader = readerWith();
  await assert.rejects(reader.readPicture(server.url), { code: 'picture_too_large' });
  await hungUp.promise;
});

test('a body of exactly the limit is read, in chunks of any size', async () => {
  const body = Buffer.from(Array.from({ length: 150_001 }, (_, index) => index % 251));
  for (const chunkBytes of [1_000, 65_536, 100_000, 150_001]) {
    await using server = await serve((_request, response) => {
      for (let from = 0; from < body.length; from += chunkBytes)
        response.write(body.subarray(from, from + chunkBytes));
      response.end();
    });
    using reader = readerWith({ maxBytes: body.length });
    assert.ok(body.equals(await reader.readPicture(server.url)), String(chunkBytes));
    assert.match(await failureOf(server.url, { maxBytes: body.length - 1 }), /^picture_too_large/);
  }
});

test('the length that a server declares is not believed', async () => {
  const answerWith = (headers: string, body: string) =>
    serveRaw((socket) => socket.end(`HTTP/1.1 200 OK\r\n${headers}\r\n\r\n${body}`));
  await using tooLong = await answerWith('content-length: 99999999999', picture.toString());
  assert.match(await failureOf(tooLong.url), /^picture_url_failed: .*broke off/);
  await using tooShort = await answerWith('content-length: 9', picture.toString());
  assert.equal(await read(tooShort.url), picture.toString().slice(0, 9), 'HTTP has no more of it');
  await using none = await answerWith('content-type: image/png', picture.toString());
  assert.equal(await read(none.url), picture.toString(), 'the end of the connection is the end');
  await using nonsense = await answerWith('content-length: many', picture.toString());
  assert.match(await failureOf(nonsense.url), /^picture_url_failed: .*proper HTTP/);
  await using two = await answerWith('content-length: 9\r\ntransfer-encoding: chunked', '0\r\n\r\n');
  assert.match(await failureOf(two.url), /^picture_url_failed/);
});

test('a body in chunks that breaks off or is none is not taken for a picture', async () => {
  const chunked = (body: string) =>
    serveRaw((socket) => socket.end(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${body}`));
  await using brokenOff = await chunked('5\r\nthe b\r\n');
  assert.match(await failureOf(brokenOff.url), /^picture_url_failed: .*broke off/);
  await using broken = await chunked('5\r\nthe b\r\nSECRET\r\n');
  assert.match(await failureOf(broken.url), /^picture_url_failed: .*proper HTTP/);
});

test('a picture that is sent compressed although we asked not to is unpacked', async () => {
  for (const [coding, body] of [
    ['gzip', gzipSync(picture)],
    ['X-Gzip', gzipSync(picture)],
    ['deflate', deflateSync(picture)],
    ['br', brotliCompressSync(picture)],
    ['ZSTD', zstdCompressSync(picture)],
    ['aws-chunked', picture],
    ['identity', picture],
  ] as const) {
    await using server = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': coding }).end(body);
    });
    assert.equal(await read(server.url), picture.toString(), coding);
  }
});

test('a compressed answer is counted as it unfolds', async () => {
  const zeros = Buffer.alloc(1_000_000);
  for (const [coding, body] of [
    ['gzip', gzipSync(zeros)],
    ['deflate', deflateSync(zeros)],
    ['br', brotliCompressSync(zeros)],
    ['zstd', zstdCompressSync(zeros)],
  ] as const) {
    await using bomb = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': coding }).end(body);
    });
    assert.match(await failureOf(bomb.url), /^picture_too_large/, coding);
    await using broken = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': coding }).end(body.subarray(0, -9));
    });
    const failure = await failureOf(broken.url, { maxBytes: 16 * 2 ** 20 });
    assert.match(failure, /^picture_url_failed: .*unpacked/, coding);
  }
});

test('an answer that is compressed twice is not unpacked twice', async () => {
  const bomb = gzipSync(gzipSync(Buffer.alloc(10_000_000)));
  await using server = await serve((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
  });
  await using honest = await serve((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip, gzip' }).end(bomb);
  });
  using reader = readerWith();
  assert.deepEqual(
    Buffer.from((await reader.readPicture(server.url)).subarray(0, 2)),
    Buffer.from('1f8b', 'hex'),
  );
  assert.ok(bomb.equals(await reader.readPicture(honest.url)));
});

test('zstd gets no more memory for its window than HTTP allows', async () => {
  // A frame: magic, no length, the window (8 and 16 MiB), an empty last block.
  for (const [window, failure] of [
    ['68', /empty/],
    ['70', /unpacked/],
  ] as const) {
    await using server = await serve((_request, response) => {
      const frame = Buffer.from(`28b52ffd00${window}010000`, 'hex');
      response.writeHead(200, { 'content-encoding': 'zstd' }).end(frame);
    });
    assert.match(await failureOf(server.url), failure);
  }
});

test('slowness of every kind ends after the time for the whole fetch', async () => {
  const timeoutMs = 80;
  const slowly = (text: string) =>
    serveRaw((socket) => {
      let at = 0;
      const drip = setInterval(() => socket.write(text.charAt(at++ % text.length)), 10);
      socket.on('close', () => clearInterval(drip));
    });
  await using silent = await serveRaw(() => {});
  await using slowHeaders = await slowly('HTTP/1.1 200 OK\r\nx-header: and so on and on');
  await using slowBody = await serve((_request, response) => {
    const drip = setInterval(() => response.write('.'), 10);
    response.on('close', () => clearInterval(drip));
  });
  await using slowRedirect = await serve((request, response) => {
    if (request.url === '/later') return;
    response.writeHead(302, { location: '/later' }).end();
  });
  for (const { url } of [silent, slowHeaders, slowBody, slowRedirect]) {
    assert.match(await failureOf(url, { timeoutMs }), /^picture_url_timeout: .*in time/);
  }
  assert.match(await failureOf(silent.url.replace('http:', 'https:'), { timeoutMs }), /^picture_url_timeout/);
  const resolve = () => new Promise<never>(() => {});
  assert.match(await failureOf(silent.url, { timeoutMs, resolve }), /^picture_url_timeout/);
});

test('unless told otherwise, a fetch may take 10 s in all', { timeout: 5_000 }, async (t) => {
  const answering = Promise.withResolvers<ServerResponse>();
  await using server = await serve(({ url }, response) => {
    if (url === '/later') answering.resolve(response);
    else response.writeHead(302, { location: '/later' }).end();
  });
  t.mock.timers.enable({ apis: ['setTimeout'] });
  using reader = readerWith();
  const late = assert.rejects(reader.readPicture(server.url, { signal: t.signal }), {
    code: 'picture_url_timeout',
  });
  const response = await answering.promise;
  let hungUp = false;
  const closed = once(response, 'close').then(() => {
    hungUp = true;
  });
  t.mock.timers.tick(9_999);
  for (let rounds = 0; rounds < 10; rounds++) await setImmediate();
  assert.equal(hungUp, false);
  t.mock.timers.tick(1);
  await late;
  await closed;
});

test('a fetch ends when its caller gives up, at whatever it is', async () => {
  const reason = new DOMException('looks like a time-out of ours', 'TimeoutError');
  const hungUp: Promise<void>[] = [];
  const asked: (() => void)[] = [];
  const lookedUp = Promise.withResolvers<string[]>();
  await using silent = await serve((request, response) => {
    const closed = Promise.withResolvers<void>();
    response.on('close', closed.resolve);
    hungUp.push(closed.promise);
    if (request.url === '/body') response.write('a beginning');
    asked.shift()?.();
  });
  const at = (path: string) => `http://pictures.test:${silent.port}${path}`;
  using reader = readerWith({
    maxAtOnce: 1,
    resolve: async (name) => (name === 'slow.test' ? lookedUp.promise : ['127.0.0.1']),
    allow: ['127.0.0.1'],
  });

  for (const path of ['/headers', '/body']) {
    const giveUp = new AbortController();
    asked.push(() => giveUp.abort(reason));
    await assert.rejects(
      reader.readPicture(at(path), { signal: giveUp.signal }),
      (error) => error === reason,
    );
  }
  await Promise.all(hungUp);

  const giveUp = new AbortController();
  const lookingUp = reader.readPicture(`http://slow.test:${silent.port}/`, { signal: giveUp.signal });
  giveUp.abort(reason);
  await assert.rejects(lookingUp, (error) => error === reason);
  lookedUp.resolve(['127.0.0.1']);

  const shakingHands = new AbortController();
  const handshakeEnded = Promise.withResolvers<void>();
  await using deaf = await serveRaw((socket) => {
    socket.on('close', () => handshakeEnded.resolve());
    shakingHands.abort(reason);
  });
  const secure = reader.readPicture(deaf.url.replace('http:', 'https:'), { signal: shakingHands.signal });
  await assert.rejects(secure, (error) => error === reason);
  await handshakeEnded.promise;

  const hasty = new AbortController();
  using lookingUpForEver = readerWith({
    resolve() {
      hasty.abort(reason);
      return new Promise(() => {});
    },
  });
  const neverKnown = lookingUpForEver.readPicture(at('/'), { signal: hasty.signal });
  await assert.rejects(neverKnown, (error) => error === reason);

  const { signal } = giveUp;
  await assert.rejects(reader.readPicture(at('/'), { signal }), (error) => error === reason);
  await setImmediate();
  assert.equal(silent.connections, 2, 'neither after the name was known, nor for who had gone before');
});

test('a fetch that is over leaves nothing behind', async () => {
  await using server = await servePicture();
  const { signal } = new AbortController();
  using reader = readerWith();
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const timersBefore = timers();
  await reader.readPicture(server.url, { signal });
  assert.equal(timers(), timersBefore);
  assert.deepEqual(getEventListeners(signal, 'abort'), []);
});

test('no more pictures are fetched at a time than may be', async () => {
  const asked = Promise.withResolvers<ServerResponse>();
  await using server = await serve((_request, response) => asked.resolve(response));
  using reader = readerWith({ maxAtOnce: 1 });
  const first = reader.readPicture(server.url);
  const response = await asked.promise;
  await assert.rejects(reader.readPicture(server.url), { code: 'overloaded', retryAfterSeconds: 2 });
  response.end(picture);
  assert.deepEqual(Buffer.from(await first), picture);
  await assert.rejects(reader.readPicture('http://[nonsense/'), { code: 'picture_url_invalid' });
  await assert.rejects(reader.readPicture('http://elsewhere.test/'), { code: 'picture_url_forbidden' });
});

test('all fetches together hold no more than their budget, and give back what they held', async () => {
  const held = Promise.withResolvers<ServerResponse>();
  await using server = await serve((request, response) => {
    if (request.url === '/large') {
      response.write(Buffer.alloc(100_000));
      held.resolve(response);
    } else response.end(picture);
  });
  const at = (path: string) => `http://pictures.test:${server.port}${path}`;
  const budget = new ByteBudget(128 * 1024);
  using reader = readerWith({ budget, maxBytes: 1_000_000 });
  const large = reader.readPicture(at('/large'));
  const response = await held.promise;
  await untilTaken(budget);
  await assert.rejects(reader.readPicture(at('/small')), { code: 'overloaded', retryAfterSeconds: 2 });

  response.end();
  assert.equal((await large).length, 100_000);
  assert.deepEqual(Buffer.from(await reader.readPicture(at('/small'))), picture);
  using _all = budget.reserve(128 * 1024);
});

/** Resolves when nothing is left of a budget. */
async function untilTaken(budget: ByteBudget): Promise<void> {
  for (;;) {
    try {
      budget.reserve(1)[Symbol.dispose]();
    } catch {
      return;
    }
    await setImmediate();
  }
}

test('disposing ends what is under way', async () => {
  const asked = Promise.withResolvers<void>();
  await using silent = await serve(() => asked.resolve());
  const reader = readerWith();
  const fetching = assert.rejects(reader.readPicture(silent.url), { code: 'overloaded', message: /stopped/ });
  await asked.promise;
  reader[Symbol.dispose]();
  await fetching;
});
