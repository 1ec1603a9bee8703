import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf, picture, read, serve, serveRaw } from '../../test/picture-servers.ts';

test('a status that is no success is told with its number and what to do, never with its body', async () => {
  const advice = {
    206: undefined,
    300: /picture itself/,
    302: /picture itself/, // without a Location
    304: /picture itself/,
    400: /picture itself/,
    401: /login/,
    403: /login.*expired.*Base64/,
    404: /no picture/,
    410: /no picture/,
    418: /picture itself/,
    429: /later/,
    500: /later/,
    503: /later/,
    599: /later/,
  };
  for (const [status, sentence] of Object.entries(advice)) {
    await using server = await serve((_request, response) =>
      response.writeHead(Number(status)).end('SECRET'),
    );
    if (sentence === undefined) {
      assert.equal(await read(server.url), 'SECRET');
      continue;
    }
    const failure = await failureOf(server.url);
    assert.match(
      failure,
      new RegExp(`^picture_url_failed: .*"pictures\\.test:${server.port}" answered ${status}\\. `),
    );
    assert.match(failure, sentence);
  }
});

test('a web page in place of a picture is told, whatever type is declared', async () => {
  await using page = await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'image/png' }).end('<!DOCTYPE html><title>SECRET</title>');
  });
  assert.match(await failureOf(page.url), /^picture_url_failed: .*web page/);
  await using mislabelled = await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(picture);
  });
  assert.equal(await read(mislabelled.url), picture.toString());
});

test('an empty answer is told', async () => {
  for (const status of [200, 204]) {
    await using server = await serve((_request, response) => response.writeHead(status).end());
    assert.match(await failureOf(server.url), /^picture_url_failed: .*empty/);
  }
});

test('a host that cannot be found, looked up or reached is told apart', async () => {
  const failing = (code: string) => async () => {
    throw Object.assign(new Error(`getaddrinfo ${code}`), { code });
  };
  const failureWith = (code: string) => failureOf('http://pictures.test/', { resolve: failing(code) });
  assert.match(await failureWith('ENOTFOUND'), /^picture_url_failed: .*"pictures\.test" is not known/);
  assert.match(await failureWith('EAI_AGAIN'), /^picture_url_failed: .*looked up just now/);
  // What the network answers where there is more of it than a loopback.
  assert.match(await failureWith('EHOSTUNREACH'), /^picture_url_failed: .*cannot be reached/);
  assert.match(await failureWith('ENETUNREACH'), /^picture_url_failed: .*cannot be reached/);
  assert.match(await failureWith('EUNHEARDOF'), /^picture_url_failed: .*could not be fetched.*EUNHEARDOF/);
});

test('a host that cannot be talked to is told apart by how', async () => {
  const closed = await serve(() => {});
  await closed[Symbol.asyncDispose]();
  assert.match(await failureOf(closed.url), /^picture_url_failed: .*refused/);

  await using resetting = await serveRaw((socket) => socket.resetAndDestroy());
  assert.match(await failureOf(resetting.url), /^picture_url_failed: .*broke off/);

  await using resettingLater = await serveRaw((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nthe beginning', () =>
      socket.resetAndDestroy(),
    );
  });
  assert.match(await failureOf(resettingLater.url), /^picture_url_failed: .*broke off/);

  await using hangingUp = await serveRaw((socket) => socket.end());
  assert.match(await failureOf(hangingUp.url), /^picture_url_failed: .*broke off/);

  await using otherProtocol = await serveRaw((socket) => socket.write('SSH-2.0-SECRET\r\n'));
  assert.match(await failureOf(otherProtocol.url), /^picture_url_failed: .*proper HTTP/);

  await using talkative = await serveRaw((socket) =>
    socket.write(`HTTP/1.1 200 OK\r\n${'x-secret: SECRET\r\n'.repeat(10_000)}`),
  );
  assert.match(await failureOf(talkative.url), /^picture_url_failed: .*proper HTTP/);
});

test('a mistake of ours is not blamed on the host', async () => {
  const mistake = new TypeError('of ours');
  const resolve = async () => {
    throw mistake;
  };
  await assert.rejects(read('http://pictures.test/', { resolve }), mistake);
});
