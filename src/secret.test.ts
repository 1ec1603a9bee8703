import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format } from 'node:util';
import { Secret } from './secret.ts';

test('a secret shows itself only when it is asked to', () => {
  const secret = new Secret('hunter2');
  const printed = [`${secret}`, JSON.stringify({ secret }), format('%s %o %j', secret, { secret }, secret)];
  assert.equal(secret.reveal(), 'hunter2');
  for (const text of printed) {
    assert.match(text, /\[secret\]/);
    assert.doesNotMatch(text, /hunter2/);
  }
});
