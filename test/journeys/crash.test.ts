/** A few of the rounds of `npm run soak:crash`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashRounds } from '../crash-rounds.ts';
import { randomFrom } from '../random-from.ts';

test('after kill -9 at random moments every phone is still paired, and nothing that was written is lost', async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`npm run soak:crash -- --seed ${seed}`);
  const { kills, textsReceived, textsSent } = await crashRounds({ rounds: 3, random: randomFrom(seed) });
  assert.equal(kills, 3);
  assert.ok(textsReceived > 0 && textsSent > 0);
});
