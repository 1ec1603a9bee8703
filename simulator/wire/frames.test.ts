import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FrameReader, frame } from './frames.ts';

const prologue = Buffer.from('WA\x06\x03', 'latin1');
const routing = (info: Uint8Array) => Buffer.concat([Buffer.from('ED\x00\x01', 'latin1'), frame(info)]);

test('frames come out whole, however the stream is cut into pieces', () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  const stream = fc.record({
    bodies: fc.array(bytes),
    routingInfo: fc.option(bytes),
    cut: fc.integer({ min: 1, max: 30 }),
  });
  fc.assert(
    fc.property(stream, ({ bodies, routingInfo, cut }) => {
      const sent = Buffer.concat([
        ...(routingInfo ? [routing(routingInfo)] : []),
        prologue,
        ...bodies.map(frame),
      ]);
      const reader = new FrameReader();
      const received: Buffer[] = [];
      for (let start = 0; start < sent.length; start += cut) {
        received.push(...reader.push(sent.subarray(start, start + cut)));
      }
      assert.deepEqual(
        received.map((body) => new Uint8Array(body)),
        bodies.map((body) => new Uint8Array(body)),
      );
      assert.deepEqual(reader.prologue, prologue);
    }),
  );
});

test('a stream that is not of a WhatsApp client is refused', () => {
  assert.throws(() => new FrameReader().push(Buffer.from('GET / HTTP/1.1')), /prologue/);
});
