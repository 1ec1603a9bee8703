import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { GatewayError } from '../errors.ts';
import { createPictureReader } from './read-picture.ts';

type PictureReaderOptions = Parameters<typeof createPictureReader>[0];

const picture = Buffer.from('the bytes of a picture');
/** In the query of every URL, like the signature of an object store; no failure may tell it. */
const signature = 'sig=SECRET';

async function listen(server: Server, scheme = 'http') {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${scheme}://pictures.test:${port}/photo?${signature}`,
    get connections() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

const serve = (answer: RequestListener) => listen(createServer(answer));

/** A server that speaks whatever it likes. */
const serveRaw = (answer: (socket: Socket) => void) =>
  listen(
    createSocketServer((socket) => {
      socket.on('error', () => {}); // the fetch may hang up on us
      answer(socket);
    }),
  );

/** A fetch for which every name leads to this machine, and only `pictures.test` may. */
const fetchWith = (options: Partial<PictureReaderOptions> = {}) =>
  createPictureReader({
    allow: ['pictures.test'],
    userAgent: 'Pombo/test (+https://pombo.test)',
    maxBytes: 64 * 1024,
    resolve: async () => ['127.0.0.1'],
    ...options,
  });

async function fetchPicture(url: string, options: Partial<PictureReaderOptions> = {}): Promise<string> {
  using fetcher = fetchWith(options);
  return Buffer.from(await fetcher.readPicture(url)).toString();
}

/** How fetching `url` fails, as `code: message`. */
async function failureOf(url: string, options: Partial<PictureReaderOptions> = {}): Promise<string> {
  const error = await fetchPicture(url, options).then(
    (text) => assert.fail(`fetched "${text}"`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof GatewayError, String(error));
  assert.doesNotMatch(inspect(error, { depth: null }), /SECRET/); // nor in the cause, which is logged
  return `${error.code}: ${error.message}`;
}

test('a picture is fetched with a GET that says who we are and what we want', async () => {
  await using server = await serve((request, response) => {
    const { method, headers } = request;
    response.end(JSON.stringify([method, headers['user-agent'], headers.accept, headers['accept-encoding']]));
  });
  assert.deepEqual(JSON.parse(await fetchPicture(server.url)), [
    'GET',
    'Pombo/test (+https://pombo.test)',
    'image/*, */*;q=0.1',
    'identity',
  ]);
});

test('the query arrives byte for byte as it was written', async () => {
  await using server = await serve((request, response) => response.end(request.url));
  for (const query of ["?a=b'c&d=%2f%2F+~!*()|{}^`", '?', '?a=1?b=2&&x=%zz', '?"quoted"=<x>']) {
    assert.equal(
      await fetchPicture(`http://pictures.test:${server.port}/a%20b.png${query}#top`),
      `/a%20b.png${query}`,
    );
  }
  assert.equal(
    await fetchPicture(`http://pictures.test:${server.port}/é?ção=1 2`),
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
      '/two': `http:${here}/one`,
      '/one': "/end?x='y'",
    };
    const location = locations[request.url ?? ''];
    if (location) response.writeHead(302, { location });
    response.end(location ? 'elsewhere' : request.url);
  });
  assert.equal(await fetchPicture(`http://pictures.test:${server.port}/5`), "/end?x='y'");
  assert.match(
    await failureOf(`http://pictures.test:${server.port}/6`),
    /^picture_url_failed: .*redirects more than 5 times/,
  );
});

test('a redirect written in UTF-8 is followed to where it says', async () => {
  const location = Buffer.from('/fotó.png').toString('latin1'); // as bytes
  await using server = await serve(({ url }, response) =>
    url === '/fot%C3%B3.png' ? response.end(picture) : response.writeHead(302, { location }).end(),
  );
  assert.equal(await fetchPicture(server.url), picture.toString());
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

test('a redirect to a forbidden address is not followed', async () => {
  await using secret = await serve((_request, response) => response.end('internal'));
  for (const location of [
    `http://127.0.0.1:${secret.port}/`,
    `http://[::ffff:127.0.0.1]:${secret.port}/`,
    `http://intern.test:${secret.port}/`,
    'http://169.254.169.254/latest/meta-data/',
    'file:///etc/passwd',
    'ftp://pictures.test/photo',
    'http://user:password@pictures.test/photo',
    'http://[nonsense/',
  ]) {
    await using server = await serve((_request, response) => response.writeHead(302, { location }).end());
    assert.match(await failureOf(server.url), /^picture_url_forbidden/, location);
  }
  assert.equal(secret.connections, 0);
});

test('a name that has only forbidden addresses is not connected to', async () => {
  await using secret = await serve((_request, response) => response.end('internal'));
  const url = `http://intern.test:${secret.port}/?${signature}`;
  for (const addresses of [['127.0.0.1'], ['127.0.0.1', '10.0.0.1', 'fe80::1%lo']]) {
    assert.match(
      await failureOf(url, { resolve: async () => addresses }),
      /^picture_url_forbidden: .*"intern\.test"/,
    );
  }
  assert.equal(secret.connections, 0);
});

test('a forbidden address is recognised in every form that a URL can give it', async () => {
  using fetcher = fetchWith();
  const octets = fc.tuple(fc.constant(127), fc.nat(255), fc.nat(255), fc.nat(255));
  const number = fc.constantFrom(
    (value: number) => String(value),
    (value: number) => `0x${value.toString(16)}`,
    (value: number) => `0${value.toString(8)}`,
  );
  const host = fc
    .tuple(octets, fc.array(number, { minLength: 4, maxLength: 4 }), fc.integer({ min: 1, max: 4 }))
    .map(([[a, b, c, d], written, parts]) => {
      const values = [
        [((a * 256 + b) * 256 + c) * 256 + d],
        [a, (b * 256 + c) * 256 + d],
        [a, b, c * 256 + d],
        [a, b, c, d],
      ];
      return (values[parts - 1] ?? []).map((value, index) => written[index]?.(value)).join('.');
    });
  const others = fc.constantFrom(
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '127.0.0.1.',
    '①②⑦.0.0.1',
    '0',
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(host, others), async (written) => {
      await assert.rejects(
        fetcher.readPicture(`http://${written}:9/`),
        { code: 'picture_url_forbidden' },
        written,
      );
    }),
  );
});

test('the addresses that were checked are the ones connected to, and each connection is checked', async () => {
  await using server = await serve((_request, response) => {
    response.writeHead(200, { connection: 'close' }).end(picture);
  });
  const answers = [['127.0.0.1'], ['10.0.0.1']]; // what a rebinding name says first, and then
  using fetcher = fetchWith({
    allow: ['127.0.0.1/32'],
    resolve: async () => answers.shift() ?? assert.fail('asked once more'),
  });
  assert.deepEqual(Buffer.from(await fetcher.readPicture(`http://rebinding.test:${server.port}/`)), picture);
  await assert.rejects(fetcher.readPicture(`http://rebinding.test:${server.port}/`), {
    code: 'picture_url_forbidden',
  });
});

test('without a resolver of its own, a fetch looks names up as the system does', async () => {
  await using server = await serve((_request, response) => response.end(picture));
  using fetcher = createPictureReader({
    allow: ['localhost'],
    userAgent: 'Pombo/test',
    maxBytes: 1024,
  });
  assert.deepEqual(Buffer.from(await fetcher.readPicture(`http://localhost:${server.port}/`)), picture);
});

test('a body without an end is given up at the limit', async () => {
  const hungUp = Promise.withResolvers<void>();
  await using server = await serve((_request, response) => {
    const chunk = Buffer.alloc(256 * 1024);
    response.on('drain', () => response.write(chunk)).on('close', hungUp.resolve);
    response.write(chunk);
  });
  using fetcher = fetchWith();
  await assert.rejects(fetcher.readPicture(server.url), { code: 'picture_too_large' });
  await hungUp.promise;
});

test('a body of exactly the limit is read', async () => {
  await using server = await serve((_request, response) => response.end(picture));
  assert.equal(await fetchPicture(server.url, { maxBytes: picture.length }), picture.toString());
  assert.match(await failureOf(server.url, { maxBytes: picture.length - 1 }), /^picture_too_large/);
});

test('an answer shorter than it declares is not taken for a picture', async () => {
  await using short = await serveRaw((socket) => {
    socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n${picture}`);
  });
  assert.match(await failureOf(short.url), /^picture_url_failed: .*broke off/);
});

test('a picture that is sent compressed although we asked not to is unpacked', async () => {
  for (const [coding, body] of [
    ['gzip', gzipSync(picture)],
    ['ZSTD', zstdCompressSync(picture)],
    ['aws-chunked', picture],
  ] as const) {
    await using server = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': coding }).end(body);
    });
    assert.equal(await fetchPicture(server.url), picture.toString(), coding);
  }
});

test('a compressed answer is counted as it unfolds', async () => {
  await using bomb = await serve((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(10_000_000)));
  });
  assert.match(await failureOf(bomb.url), /^picture_too_large/);
  await using broken = await serve((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(picture).subarray(0, -9));
  });
  assert.match(await failureOf(broken.url), /^picture_url_failed: .*unpacked/);
});

test('slowness of every kind ends after the time for the whole fetch', async () => {
  const timeoutMs = 80;
  await using silent = await serveRaw(() => {});
  await using slowBody = await serve((_request, response) => void response.write('a beginning'));
  await using slowRedirect = await serve((request, response) => {
    if (request.url === '/later') return;
    response.writeHead(302, { location: '/later' }).end();
  });
  for (const { url } of [silent, slowBody, slowRedirect]) {
    assert.match(await failureOf(url, { timeoutMs }), /^picture_url_timeout: .*in time/);
  }
  const resolve = () => new Promise<never>(() => {});
  assert.match(await failureOf(silent.url, { timeoutMs, resolve }), /^picture_url_timeout/);
});

test('a status that is no success is told with its number and what to do, never with its body', async () => {
  const advice = {
    401: /login/,
    403: /login.*expired/,
    404: /no picture/,
    410: /no picture/,
    418: /picture itself/,
    429: /later/,
    503: /later/,
    304: /picture itself/,
  };
  for (const [status, sentence] of Object.entries(advice)) {
    await using server = await serve((_request, response) =>
      response.writeHead(Number(status)).end('SECRET'),
    );
    const failure = await failureOf(server.url);
    assert.match(failure, new RegExp(`^picture_url_failed: .*answered ${status}`));
    assert.match(failure, sentence);
  }
});

test('a web page in place of a picture is told, whatever type is declared', async () => {
  for (const page of ['<!DOCTYPE html><title>Log in</title>', '\uFEFF\n <html lang="pt">']) {
    await using server = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'image/png' }).end(page);
    });
    assert.match(await failureOf(server.url), /^picture_url_failed: .*web page/);
  }
  await using mislabelled = await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(picture);
  });
  assert.equal(await fetchPicture(mislabelled.url), picture.toString());
});

test('an empty answer is told', async () => {
  await using server = await serve((_request, response) => response.writeHead(204).end());
  assert.match(await failureOf(server.url), /^picture_url_failed: .*empty/);
});

test('a host that cannot be talked to is told apart by how', async () => {
  const unknown = async () => {
    throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
  };
  assert.match(
    await failureOf('http://pictures.test/', { resolve: unknown }),
    /^picture_url_failed: .*not known/,
  );

  const closed = await serve(() => {});
  await closed[Symbol.asyncDispose]();
  assert.match(await failureOf(closed.url), /^picture_url_failed: .*refused/);

  await using resetting = await serveRaw(
    (socket) => void socket.once('data', () => socket.resetAndDestroy()),
  );
  assert.match(await failureOf(resetting.url), /^picture_url_failed: .*broke off/);

  await using hangingUp = await serveRaw((socket) => void socket.once('data', () => socket.end()));
  assert.match(await failureOf(hangingUp.url), /^picture_url_failed: .*broke off/);

  await using otherProtocol = await serveRaw((socket) => socket.write('SSH-2.0-SECRET\r\n'));
  assert.match(await failureOf(otherProtocol.url), /^picture_url_failed: .*not answer in proper HTTP/);
});

test('a mistake of ours is not blamed on the host', async () => {
  const mistake = new TypeError('of ours');
  const broken = async () => {
    throw mistake;
  };
  await assert.rejects(fetchPicture('http://pictures.test/', { resolve: broken }), mistake);
});

test('HTTPS is spoken with the name in the URL, and only with a certificate that can be trusted', async () => {
  const names: string[] = [];
  const secure = createSecureServer({
    ...selfSigned,
    SNICallback: (name, done) => {
      names.push(name);
      done(null);
    },
  });
  await using server = await listen(secure, 'https');
  assert.match(await failureOf(server.url), /^picture_url_failed: .*TLS.*certificate/);
  assert.deepEqual(names, ['pictures.test']);

  await using plain = await serve((_request, response) => response.end(picture));
  assert.match(await failureOf(plain.url.replace('http:', 'https:')), /^picture_url_failed: .*HTTPS/);
});

test('no more pictures are fetched at a time than may be', async () => {
  const asked = Promise.withResolvers<ServerResponse>();
  await using server = await serve((_request, response) => asked.resolve(response));
  using fetcher = fetchWith({ maxAtOnce: 1 });
  const first = fetcher.readPicture(server.url);
  const response = await asked.promise;
  await assert.rejects(fetcher.readPicture(server.url), { code: 'overloaded', retryAfterSeconds: 2 });
  response.end(picture);
  assert.deepEqual(await first, picture);
  await assert.rejects(fetcher.readPicture('http://elsewhere.test/'), { code: 'picture_url_forbidden' });
});

test('disposing ends what is under way', async () => {
  const asked = Promise.withResolvers<void>();
  await using silent = await serve(() => asked.resolve());
  const fetcher = fetchWith();
  const fetching = assert.rejects(fetcher.readPicture(silent.url), { code: 'overloaded' });
  await asked.promise;
  fetcher[Symbol.dispose]();
  await fetching;
});

/** For pictures.test, until 2126, signed by nobody that anyone trusts. */
const selfSigned = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmkpo6l3DZe8nLglI
+j6/gE3mhl844JNQiyy6WBAyZjChRANCAAT75QaKm2MmpT63mjDPZg29AKYv1a1F
rycRkq/FIyBA4+RT4xFAGOBdKgAxdlyhM7k8rFHoFUohyr6+i+rSgk8R
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBoTCCAUegAwIBAgIUREbAbe/lQ3T1ykqe0RbVCorqvGowCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNcGljdHVyZXMudGVzdDAgFw0yNjExMjMxNjA0MjJaGA8yMTI2
MTAzMDE2MDQyMlowGDEWMBQGA1UEAwwNcGljdHVyZXMudGVzdDBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABPvlBoqbYyalPreaMM9mDb0Api/VrUWvJxGSr8UjIEDj
5FPjEUAY4F0qADF2XKEzuTysUegVSiHKvr6L6tKCTxGjbTBrMB0GA1UdDgQWBBRC
5M3llthNBZZydovHGajCmEBCcDAfBgNVHSMEGDAWgBRC5M3llthNBZZydovHGajC
mEBCcDAPBgNVHRMBAf8EBTADAQH/MBgGA1UdEQQRMA+CDXBpY3R1cmVzLnRlc3Qw
CgYIKoZIzj0EAwIDSAAwRQIgMahilgCL9Cga3yMRm4mJoFH5gNYTeUHa7hco4YTr
EowCIQCGUR9pSLUcY2sXyQr+KAWM1MgkgbukNUrEVIgEEZSU1w==
-----END CERTIFICATE-----`,
};
