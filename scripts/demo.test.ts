import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const demo = fileURLToPath(new URL('./demo.ts', import.meta.url));

test('the demo walks the main job to its end by itself', async () => {
  // Rejects when the demo ends with anything but 0.
  const { stdout } = await promisify(execFile)(process.execPath, [demo, '--once'], { timeout: 50_000 });
  const lines = stdout.split('\n');
  const ticks = lines.filter((line) => line.startsWith(' ✓ ')).map((line) => line.slice(3, 27).trim());
  assert.deepEqual(ticks, [
    'simulated WhatsApp',
    'gateway',
    'instance created',
    'paired by QR code',
    'group created',
    'photo by URL (SVG)',
    'photo by Base64 (PNG)',
  ]);
  assert.equal(
    lines.filter((line) => /now sees: 640×640 JPEG, [\d,]+ bytes, picture id \d+/.test(line)).length,
    2,
  );
});
