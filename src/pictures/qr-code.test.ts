import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { create } from 'qrcode';
import sharp from 'sharp';
import { qrImage, qrTerminal } from './qr-code.ts';

test('the code is a PNG that a phone can read from a screen: large, with a quiet margin, module for module', async () => {
  const text = `https://wa.me/settings/linked_devices#2@${'aB3+/'.repeat(40)}`;
  const [head, base64 = ''] = (await qrImage(text)).split(',');
  assert.equal(head, 'data:image/png;base64');

  const { data, info } = await sharp(Buffer.from(base64, 'base64'))
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  assert.ok(info.width >= 400 && info.width === info.height, `${info.width}×${info.height}`);

  const { modules } = create(text, { errorCorrectionLevel: 'M' });
  const margin = 4;
  const modulePx = info.width / (modules.size + 2 * margin);
  for (let row = -margin; row < modules.size + margin; row++) {
    for (let column = -margin; column < modules.size + margin; column++) {
      const isInside = Math.min(row, column) >= 0 && Math.max(row, column) < modules.size;
      const isDark = isInside && modules.get(row, column) === 1;
      const x = Math.floor((column + margin + 0.5) * modulePx);
      const y = Math.floor((row + margin + 0.5) * modulePx);
      assert.equal(
        data[(y * info.width + x) * info.channels],
        isDark ? 0 : 255,
        `row ${row}, column ${column}`,
      );
    }
  }
});

test('the code in a terminal holds every module, with light ones around', () => {
  const text = '2@pombo';
  const lines = stripVTControlCharacters(qrTerminal(text)).split('\n');
  const rows = lines.flatMap((line) => [
    [...line].map((block) => block === '█' || block === '▀'),
    [...line].map((block) => block === '█' || block === '▄'),
  ]);
  const { modules } = create(text, { errorCorrectionLevel: 'L' });
  for (const [row, columns] of rows.entries()) {
    assert.equal(columns.length, modules.size + 4);
    for (const [column, isDark] of columns.entries()) {
      const isInside = Math.min(row, column) >= 2 && Math.max(row, column) < modules.size + 2;
      assert.equal(
        isDark,
        isInside && modules.get(row - 2, column - 2) === 1,
        `row ${row}, column ${column}`,
      );
    }
  }
});

test('the code is black on white whatever the colours of the terminal are', () => {
  for (const line of qrTerminal('2@pombo').split('\n')) {
    assert.ok(line.startsWith('\u001b[107;30m') && line.endsWith('\u001b[0m'), JSON.stringify(line));
  }
});
