import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preferredHandling } from './preferred-handling.ts';

test('the preference is found wherever it stands in the header', () => {
  for (const header of [
    'handling=strict',
    'respond-async, handling=strict',
    'wait=10; handling = "Strict"',
  ]) {
    assert.equal(preferredHandling(header), 'strict', header);
  }
  assert.equal(preferredHandling(['wait=10', 'handling=lenient']), 'lenient');
});

test('without a known preference there is none', () => {
  for (const header of [undefined, '', 'handling=stricter', 'mishandling=strict', 'handling']) {
    assert.equal(preferredHandling(header), undefined, header);
  }
});
