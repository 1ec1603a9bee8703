import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { create } from 'qrcode';
import { qrTerminal } from './qr-terminal.ts';

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
