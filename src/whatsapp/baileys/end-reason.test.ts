import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { endDetail, endReason } from './end-reason.ts';

/** What Baileys hands over: a Boom is an Error with these two members. */
const boom = (statusCode: number, message: string, data?: unknown) =>
  Object.assign(new Error(message), { output: { statusCode }, data });
const conflict = (type: string) => ({ tag: 'conflict', attrs: { type } });

const table: [what: string, error: unknown, whenLinked: string, whilePairing: string][] = [
  ['<failure> without a reason', boom(500, 'Connection Failure'), 'lost', 'lost'],
  ['<failure reason=400>', boom(400, 'Connection Failure'), 'lost', 'lost'],
  ['<failure reason=401>', boom(401, 'Connection Failure'), 'logged-out', 'pairing-failed'],
  ['<failure reason=402>', boom(402, 'Connection Failure'), 'banned', 'banned'],
  ['<failure reason=403>', boom(403, 'Connection Failure'), 'banned', 'banned'],
  ['<failure reason=405>', boom(405, 'Connection Failure'), 'client-too-old', 'client-too-old'],
  ['<failure reason=406>', boom(406, 'Connection Failure'), 'banned', 'banned'],
  ['<failure reason=409>', boom(409, 'Connection Failure'), 'client-too-old', 'client-too-old'],
  ['<failure reason=413>', boom(413, 'Connection Failure'), 'lost', 'lost'],
  ['<failure reason=415>', boom(415, 'Connection Failure'), 'lost', 'lost'],
  ['<failure reason=418>', boom(418, 'Connection Failure'), 'lost', 'lost'],
  ['<failure reason=503>', boom(503, 'Connection Failure'), 'lost', 'lost'],
  [
    '<stream:error code=515>',
    boom(515, 'Stream Errored (restart required)'),
    'restart-required',
    'restart-required',
  ],
  ['<stream:error code=516>', boom(516, 'Stream Errored (unknown)'), 'logged-out', 'pairing-failed'],
  ['<stream:error code=503>', boom(503, 'Stream Errored (unknown)'), 'lost', 'lost'],
  [
    '<stream:error code=401> with device_removed',
    boom(401, 'Stream Errored (conflict)', conflict('device_removed')),
    'logged-out',
    'pairing-failed',
  ],
  [
    'device_removed without a code, which Baileys calls 440',
    boom(440, 'Stream Errored (conflict)', conflict('device_removed')),
    'logged-out',
    'pairing-failed',
  ],
  ['replaced', boom(440, 'Stream Errored (conflict)', conflict('replaced')), 'replaced', 'replaced'],
  ['a conflict of no type', boom(440, 'Stream Errored (conflict)'), 'replaced', 'replaced'],
  [
    'a stream that WhatsApp could not read',
    boom(500, 'Stream Errored (xml-not-well-formed)'),
    'lost',
    'lost',
  ],
  ['<xmlstreamend/>', boom(428, 'Connection Terminated by Server'), 'lost', 'lost'],
  ['a closed WebSocket', boom(428, 'Connection Terminated'), 'lost', 'lost'],
  ['a certificate that is not from the root', boom(400, 'certification match failed'), 'lost', 'lost'],
  ['nobody listening', boom(408, 'WebSocket Error (connect ECONNREFUSED)'), 'lost', 'lost'],
  ['no answer to the handshake', boom(408, 'Timed Out'), 'lost', 'lost'],
  ['no answer to pings', boom(408, 'Connection was lost'), 'lost', 'lost'],
  ['<downgrade_webclient/>', boom(411, 'Multi-device beta not joined'), 'lost', 'lost'],
  ['a plain Error', new TypeError('cannot read'), 'lost', 'lost'],
  ['a bare close code', 1006, 'lost', 'lost'],
  ['no error at all', undefined, 'lost', 'lost'],
  ['null', null, 'lost', 'lost'],
];

describe('why a connection ended', () => {
  for (const [what, error, whenLinked, whilePairing] of table) {
    test(`${what}: ${whenLinked}; while pairing: ${whilePairing}`, () => {
      assert.equal(endReason(error, true), whenLinked);
      assert.equal(endReason(error, false), whilePairing);
    });
  }
});

test('the detail of an end is a sentence, whatever Baileys rejects with', () => {
  assert.equal(endDetail(new Error('Timed Out')), 'Timed Out');
  assert.equal(endDetail(1006), 'The connection ended (1006).');
  assert.equal(endDetail(undefined), 'The connection ended.');
});
