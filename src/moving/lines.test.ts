import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesOf } from './lines.ts';

const limits = { lineBytes: 100, totalBytes: 10_000 };

async function read(pieces: Iterable<string | Uint8Array>, within = limits): Promise<string[]> {
  async function* content() {
    for (const piece of pieces) yield Buffer.from(piece);
  }
  const lines: string[] = [];
  for await (const line of linesOf(content(), within)) lines.push(line);
  return lines;
}

test('lines come whole, wherever their bytes were parted', async () => {
  const text = Buffer.from('ação\n\n🕊\nthe end\n');
  const lines = ['ação', '', '🕊', 'the end'];
  assert.deepEqual(await read([text]), lines);
  assert.deepEqual(await read([...text].map((byte) => Buffer.of(byte))), lines);
});

test('reading ends where a line, or all of them, are longer than the limits', async () => {
  const tooMuch = { name: 'MovingError', message: /far more/ };
  const line = `${'x'.repeat(99)}\n`;
  assert.equal((await read(Array(100).fill(line))).length, 100);
  await assert.rejects(read(Array(101).fill(line)), tooMuch);
  await assert.rejects(read(Array(3).fill('x'.repeat(50))), tooMuch);
});
