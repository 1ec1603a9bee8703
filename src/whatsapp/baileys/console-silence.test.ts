import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { withConsoleSilenced } from './console-silence.ts';

test('what comes of silenced work does not reach the console, and everything else does', async (context) => {
  const heard: unknown[] = [];
  context.mock.method(console, 'info', (word: unknown) => heard.push(word));
  console.info('before');
  const work = withConsoleSilenced(async () => {
    console.info('a private key');
    await delay(1);
    console.info('another one');
    console.warn('and so on');
  });
  console.info('meanwhile');
  await work;
  console.info('after');
  assert.deepEqual(heard, ['before', 'meanwhile', 'after']);
});
