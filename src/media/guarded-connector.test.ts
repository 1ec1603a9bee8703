import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { setDefaultCACertificates } from 'node:tls';
import fc from 'fast-check';
import { makeAuthority } from '../../test/certificates.ts';
import {
  failureOf,
  picture,
  read,
  readerWith,
  serve,
  servePicture,
  serveSecurely,
} from '../../test/picture-servers.ts';

test('a name that has only forbidden addresses is not connected to', async () => {
  await using secret = await servePicture();
  for (const addresses of [['127.0.0.1'], ['127.0.0.1', '10.0.0.1', 'fe80::1%lo', '::ffff:127.0.0.1'], []]) {
    assert.match(
      await failureOf(`http://intern.test:${secret.port}/`, { resolve: async () => addresses }),
      /^picture_url_forbidden: .*"intern\.test".*POMBO_FETCH_ALLOW/,
    );
  }
  assert.equal(secret.connections, 0);
});

test('of a name with several addresses only those are connected to that may be', async () => {
  await using open = await servePicture({ address: '127.0.0.1' });
  await using secret = await servePicture({ address: '127.0.0.2', port: open.port });
  const resolve = async () => ['127.0.0.2', '127.0.0.1'];
  const url = `http://both.test:${open.port}/`;
  assert.equal(await read(url, { allow: ['127.0.0.1'], resolve }), picture.toString());
  assert.equal(secret.connections, 0);
});

test('a name of which not every address answers is fetched from one that does', async () => {
  await using living = await servePicture();
  for (const dead of [['127.0.0.2'], ['127.0.0.2', '127.0.0.3'], ['::1']]) {
    const resolve = async () => [...dead, '127.0.0.1'];
    assert.equal(await read(living.url, { resolve }), picture.toString(), String(dead));
  }
  const resolve = async () => ['127.0.0.2', '127.0.0.3'];
  assert.match(await failureOf(living.url, { resolve }), /^picture_url_failed: .*refused/);
});

test('a name that changes its address after the check is connected to where it was checked', async () => {
  await using server = await servePicture();
  const answers = [['127.0.0.1'], ['10.0.0.1']]; // what a rebinding name says first, and then
  using reader = readerWith({
    allow: ['127.0.0.1/32'],
    resolve: async () => answers.shift() ?? assert.fail('asked once more'),
  });
  const url = `http://rebinding.test:${server.port}/`;
  assert.deepEqual(Buffer.from(await reader.readPicture(url)), picture);
  // Every fetch asks and checks anew: it has a connection of its own.
  await assert.rejects(reader.readPicture(url), { code: 'picture_url_forbidden' });
  assert.equal(server.connections, 1);
});

test('a name that changes its address between two hops is checked at both', async () => {
  await using server = await serve((_request, response) => response.writeHead(302, { location: '/' }).end());
  const answers = [['127.0.0.1'], ['127.0.0.2']];
  const resolve = async () => answers.shift() ?? assert.fail('asked once more');
  const url = `http://rebinding.test:${server.port}/`;
  assert.match(await failureOf(url, { allow: ['127.0.0.1'], resolve }), /^picture_url_forbidden/);
});

test('a forbidden address is recognised in every form that a URL can give it', async () => {
  using reader = readerWith({ resolve: async (name) => assert.fail(`${name} was looked up`) });
  const octets = fc.tuple(fc.constantFrom(0, 10, 127), fc.nat(255), fc.nat(255), fc.nat(255));
  const number = fc.constantFrom(
    (value: number) => String(value),
    (value: number) => `0x${value.toString(16)}`,
    (value: number) => `0X000${value.toString(16).toUpperCase()}`,
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
  const check = (written: string) =>
    assert.rejects(reader.readPicture(`http://${written}:9/`), { code: 'picture_url_forbidden' }, written);
  await fc.assert(fc.asyncProperty(host, check));
  for (const written of [
    '2130706433',
    '0x7f.1',
    '127.1',
    '0177.0.0.1',
    '127.0.0.1.',
    '①②⑦.0.0.1',
    '127。0。0。1',
    '%31%32%37.0.0.1',
    '0',
    '0.0.0.0',
    '[::]',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::127.0.0.1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::127.0.0.1]',
    '[64:ff9b:1::7f00:1]',
    '[2002:7f00:1::]',
    '[2001:0:7f00:1::]',
    '[fe80::1]',
    '[fd00::1]',
    '[ff02::1]',
  ]) {
    await check(written);
  }
  for (const written of ['[fe80::1%25lo]', '[fe80::1%lo]', '1.2.3.4.5', '256.0.0.1', '[::g]', '127.0.0.09']) {
    await assert.rejects(
      reader.readPicture(`http://${written}:9/`),
      { code: 'picture_url_invalid' },
      written,
    );
  }
});

test('what is listed is exempt: a host, a host with its port, an address, a network', async () => {
  await using server = await servePicture();
  const { port } = server;
  for (const entry of [
    'pictures.test',
    'Pictures.TEST.',
    `pictures.test:${port}`,
    '127.0.0.1',
    `127.0.0.1:${port}`,
    '127.0.0.0/8',
  ]) {
    assert.equal(await read(server.url, { allow: ['10.0.0.0/8', entry] }), picture.toString(), entry);
  }
  for (const entry of [
    'test',
    'other.pictures.test',
    'pictures.test:1',
    '127.0.0.2',
    '127.0.0.1:1',
    '10.0.0.0/8',
  ]) {
    assert.match(await failureOf(server.url, { allow: [entry] }), /^picture_url_forbidden/, entry);
  }
  assert.equal(await read(`http://127.0.0.1:${port}/`, { allow: ['127.0.0.1'] }), picture.toString());
  assert.equal(await read(`http://0x7f.1:${port}/`, { allow: ['127.0.0.0/8'] }), picture.toString());
});

const hasIPv6 = Object.values(networkInterfaces()).some((ofOne) =>
  ofOne?.some(({ address }) => address === '::1'),
);

test('an IPv6 address that is listed is fetched from', { skip: !hasIPv6 }, async () => {
  await using server = await servePicture({ address: '::1' });
  const url = `http://[::1]:${server.port}/`;
  for (const entry of ['::1', `[::1]:${server.port}`, '::1/128']) {
    assert.equal(await read(url, { allow: [entry] }), picture.toString(), entry);
  }
  assert.match(await failureOf(url, { allow: ['[::1]:1'] }), /^picture_url_forbidden/);
});

test('without a resolver of its own, a reader looks names up as the system does', async () => {
  await using server = await servePicture();
  const url = `http://localhost:${server.port}/`;
  assert.equal(await read(url, { allow: ['localhost'], resolve: undefined }), picture.toString());
  assert.match(await failureOf(url, { allow: [], resolve: undefined }), /^picture_url_forbidden/);
});

test('HTTPS is spoken with the name in the URL, and only with a certificate that can be trusted', async () => {
  const authority = makeAuthority();
  setDefaultCACertificates([authority.cert]);
  const dayMs = 24 * 60 * 60 * 1_000;
  const fromNow = (days: number) => new Date(Date.now() + days * dayMs);

  await using trusted = await serveSecurely(authority.issue('pictures.test'), (request, response) =>
    response.end('servername' in request.socket ? String(request.socket.servername) : ''),
  );
  assert.equal(await read(trusted.url), 'pictures.test');

  for (const [certificate, sentence] of [
    [makeAuthority().issue('pictures.test'), /certificate.*cannot be trusted.*intermediate/],
    [makeAuthority('pictures.test'), /certificate.*cannot be trusted.*self-signed/],
    [authority.issue('elsewhere.test'), /certificate.*another name/],
    [authority.issue('pictures.test', { from: fromNow(-9), to: fromNow(-8) }), /certificate.*out of date/],
    [authority.issue('pictures.test', { from: fromNow(8), to: fromNow(9) }), /certificate.*out of date/],
  ] as const) {
    let requests = 0;
    await using server = await serveSecurely(certificate, () => requests++);
    const failure = await failureOf(server.url);
    assert.match(failure, /^picture_url_failed: /);
    assert.match(failure, sentence);
    assert.equal(requests, 0); // a stranger in between does not get to see the query
  }

  await using plain = await servePicture();
  assert.match(await failureOf(plain.url.replace('http:', 'https:')), /^picture_url_failed: .*HTTPS/);

  await using downgrading = await serveSecurely(authority.issue('pictures.test'), (_request, response) =>
    response.writeHead(302, { location: plain.url }).end(),
  );
  assert.equal(await read(downgrading.url), picture.toString(), 'a redirect from https to http is followed');
});
