import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EndReason } from '../whatsapp.ts';
import { endOf, refusedUpgrade } from './end-reason.ts';
import { ProxyError } from './proxy.ts';

/** What Baileys hands over: a Boom is an Error with these two members. */
const boom = (statusCode: number, message: string, data?: unknown) =>
  Object.assign(new Error(message), { output: { statusCode }, data });
const failure = (reason: number, attributes: object = {}) =>
  boom(reason, 'Connection Failure', { reason: String(reason), ...attributes });
const conflict = (type: string) => ({ tag: 'conflict', attrs: { type } });
const streamError = (code: number, reason = 'unknown') =>
  boom(code, `Stream Errored (${reason})`, { tag: 'stream:error', attrs: { code: String(code) } });
/** An error of the WebSocket, of Node's or of its own. */
const network = (message: string, code?: string) =>
  boom(408, `WebSocket Error (${message})`, Object.assign(new Error(message), code && { code }));

/** `whilePairing` is what it means when no phone has accepted us yet; the same unless it is given. */
const table: readonly (readonly [
  what: string,
  error: unknown,
  reason: EndReason,
  detail: RegExp,
  whilePairing?: EndReason,
])[] = [
  ['<failure> without a reason', boom(500, 'Connection Failure', {}), 'lost', /\(failure 500\)/],
  ['<failure reason=400>', failure(400), 'lost', /\(failure 400\)/],
  ['<failure reason=401>', failure(401), 'logged-out', /no longer knows.*\(failure 401\)/, 'pairing-failed'],
  ['<failure reason=402>', failure(402), 'told-to-wait', /banned.*for a time \(failure 402\)/],
  [
    '<failure reason=402 code=104>',
    failure(402, { code: '104', expire: '3600' }),
    'told-to-wait',
    /the same message to too many people \(failure 402, code 104\)/,
  ],
  ['<failure reason=403>', failure(403), 'banned', /locked.*\(failure 403\)/],
  ['<failure reason=405>', failure(405), 'client-too-old', /too old \(failure 405\)/],
  ['<failure reason=406>', failure(406), 'banned', /banned the account \(failure 406\)/],
  ['<failure reason=409>', failure(409), 'client-too-old', /\(failure 409\)/],
  ['<failure reason=413>', failure(413), 'lost', /\(failure 413\)/],
  ['<failure reason=414>', failure(414), 'lost', /\(failure 414\)/],
  ['<failure reason=415>', failure(415), 'lost', /\(failure 415\)/],
  ['<failure reason=418>', failure(418), 'lost', /\(failure 418\)/],
  ['<failure reason=429>', failure(429, { backoff: '30' }), 'told-to-wait', /fewer.*\(failure 429\)/],
  ['<failure reason=501>', failure(501), 'lost', /\(failure 501\)/],
  ['<failure reason=503>', failure(503), 'lost', /\(failure 503\)/],
  ['a <failure> that nobody knows', failure(499), 'lost', /\(failure 499\)/],
  [
    '<stream:error code=515>',
    streamError(515, 'restart required'),
    'restart-required',
    /\(stream error 515\)/,
  ],
  [
    '<stream:error code=516>',
    streamError(516),
    'logged-out',
    /logged this device out \(stream error 516\)/,
    'pairing-failed',
  ],
  ['<stream:error code=503>', streamError(503), 'lost', /\(stream error 503\)/],
  ['<stream:error code=429>', streamError(429), 'told-to-wait', /\(stream error 429\)/],
  [
    '<stream:error code=401> with device_removed',
    boom(401, 'Stream Errored (conflict)', conflict('device_removed')),
    'logged-out',
    /removed this device/,
    'pairing-failed',
  ],
  [
    'device_removed without a code, which Baileys calls 440',
    boom(440, 'Stream Errored (conflict)', conflict('device_removed')),
    'logged-out',
    /removed this device/,
    'pairing-failed',
  ],
  [
    'replaced',
    boom(440, 'Stream Errored (conflict)', conflict('replaced')),
    'replaced',
    /Another connection/,
  ],
  ['a conflict of no type', boom(440, 'Stream Errored (conflict)'), 'replaced', /Another connection/],
  [
    'a stream that WhatsApp could not read',
    boom(500, 'Stream Errored (xml-not-well-formed)', { tag: 'xml-not-well-formed', attrs: {} }),
    'lost',
    /\(stream error 500\)/,
  ],
  [
    'a stream that ends with an <ack>',
    boom(500, 'Stream Errored (ack)', { tag: 'ack', attrs: { id: '1' } }),
    'lost',
    /\(stream error 500\)/,
  ],
  ['<xmlstreamend/>', boom(428, 'Connection Terminated by Server'), 'lost', /Terminated by Server/],
  ['a closed WebSocket', boom(428, 'Connection Terminated'), 'lost', /Connection Terminated/],
  [
    'a certificate that is not from the root',
    boom(400, 'certification match failed'),
    'lost',
    /certification/,
  ],
  [
    'nobody listening',
    network('connect ECONNREFUSED 127.0.0.1:9', 'ECONNREFUSED'),
    'unreachable',
    /^Nobody answers at WhatsApp's address \(ECONNREFUSED\)\.$/,
  ],
  ['all addresses refusing', network('', 'ECONNREFUSED'), 'unreachable', /Nobody answers/],
  [
    'no such name',
    network('getaddrinfo ENOTFOUND web.whatsapp.com', 'ENOTFOUND'),
    'unreachable',
    /ENOTFOUND/,
  ],
  [
    'no name server',
    network('getaddrinfo EAI_AGAIN web.whatsapp.com', 'EAI_AGAIN'),
    'unreachable',
    /EAI_AGAIN/,
  ],
  ['no route to the host', network('connect EHOSTUNREACH', 'EHOSTUNREACH'), 'unreachable', /EHOSTUNREACH/],
  ['no network', network('connect ENETUNREACH', 'ENETUNREACH'), 'unreachable', /ENETUNREACH/],
  ['no network any more', network('read ENETDOWN', 'ENETDOWN'), 'unreachable', /ENETDOWN/],
  ['no answer to TCP', network('connect ETIMEDOUT', 'ETIMEDOUT'), 'unreachable', /in time \(ETIMEDOUT\)/],
  [
    'no answer to the upgrade',
    network('Opening handshake has timed out'),
    'unreachable',
    /did not answer in time\.$/,
  ],
  [
    'a certificate of somebody else',
    network('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'),
    'unreachable',
    /something stands in between/,
  ],
  ['no TLS', network('wrong version number', 'ERR_SSL_WRONG_VERSION_NUMBER'), 'unreachable', /in between/],
  ['a broken connection', network('socket hang up', 'ECONNRESET'), 'lost', /socket hang up/],
  [
    'a proxy that fails',
    boom(500, 'WebSocket Error (…)', new ProxyError('The proxy is gone.')),
    'proxy-failed',
    /^The proxy is gone\.$/,
  ],
  ['no answer to the handshake', boom(408, 'Timed Out'), 'lost', /Timed Out/],
  ['no answer to pings', boom(408, 'Connection was lost'), 'lost', /Connection was lost/],
  ['<downgrade_webclient/>', boom(411, 'Multi-device beta not joined'), 'lost', /Multi-device/],
  ['a plain Error', new TypeError('cannot read'), 'lost', /cannot read/],
  ['a bare close code', 1006, 'lost', /^The connection was lost \(1006\)\.$/],
  ['no error at all', undefined, 'lost', /^The connection was lost\.$/],
  ['null', null, 'lost', /^The connection was lost\.$/],
];

describe('how a connection ended', () => {
  for (const [what, error, reason, detail, whilePairing = reason] of table) {
    test(`${what}: ${reason}; while pairing: ${whilePairing}`, () => {
      assert.equal(endOf(error, true).reason, reason);
      assert.equal(endOf(error, false).reason, whilePairing);
      assert.match(endOf(error, true).detail, detail);
      assert.match(endOf(error, true).detail, /^[A-Z].*\.$/, 'a sentence');
    });
  }
});

test('WhatsApp says in seconds how long to stay away, or does not say it', () => {
  const waitMs = (error: unknown) => endOf(error, true).retryAfterMs;
  assert.equal(waitMs(failure(402, { code: '101', expire: '3600' })), 3_600_000);
  assert.equal(waitMs(failure(429, { backoff: '30' })), 30_000);
  assert.equal(waitMs(failure(429)), undefined);
  assert.equal(waitMs(failure(402, { expire: 'soon' })), undefined);
  assert.equal(waitMs(failure(503, { backoff: '30' })), undefined);
});

describe('what an HTTP answer in place of the WebSocket means', () => {
  const now = new Date('2026-10-01T12:00:00Z');
  for (const [statusCode, retryAfter, reason, retryAfterMs] of [
    [429, '120', 'told-to-wait', 120_000],
    [429, 'Thu, 01 Oct 2026 12:05:00 GMT', 'told-to-wait', 300_000],
    [429, 'Thu, 01 Oct 2026 11:00:00 GMT', 'told-to-wait', 0],
    [429, 'later', 'told-to-wait', undefined],
    [429, undefined, 'told-to-wait', undefined],
    [503, '10', 'told-to-wait', 10_000],
    [503, undefined, 'lost', undefined],
    [403, '10', 'lost', undefined],
    [405, undefined, 'lost', undefined],
  ] as const) {
    test(`${statusCode}, Retry-After: ${retryAfter}`, () => {
      const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
      const end = refusedUpgrade({ statusCode, headers }, now);
      assert.equal(end.reason, reason);
      assert.equal(end.retryAfterMs, retryAfterMs);
      assert.match(end.detail, new RegExp(`HTTP ${statusCode} `));
    });
  }
});
