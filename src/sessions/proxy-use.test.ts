import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndReason } from '../whatsapp/whatsapp.ts';
import { ProxyUse } from './proxy-use.ts';

const proxy = 'socks5://user:password@127.0.0.1:1080';

/** A session with a proxy, whose connections end for these reasons. */
function after(...ends: EndReason[]) {
  const use = new ProxyUse();
  const givenUp = ends.map((reason) => {
    use.choose(proxy);
    return use.ended(reason);
  });
  return { use, givenUp };
}

test('a proxy that fails three times in a row is given up, and that is told once', () => {
  const { use, givenUp } = after('proxy-failed', 'proxy-failed', 'proxy-failed', 'lost', 'proxy-failed');
  assert.deepEqual(givenUp, [false, false, true, false, false]);
  assert.equal(use.choose(proxy), undefined);
});

test('a connection that ends for another reason shows that the proxy is good', () => {
  const { use, givenUp } = after('proxy-failed', 'proxy-failed', 'lost', 'proxy-failed', 'proxy-failed');
  assert.deepEqual(givenUp, [false, false, false, false, false]);
  assert.equal(use.choose(proxy), proxy);
});

test('a proxy that was given up is used again when it is told to try, and another one at once', () => {
  const { use } = after('proxy-failed', 'proxy-failed', 'proxy-failed');
  use.tryAgain();
  assert.equal(use.choose(proxy), proxy);
  const { use: other } = after('proxy-failed', 'proxy-failed', 'proxy-failed');
  assert.equal(other.choose('socks5://127.0.0.1:1081'), 'socks5://127.0.0.1:1081');
});

test('without a proxy there is none to give up', () => {
  const use = new ProxyUse();
  for (let count = 0; count < 3; count += 1) {
    assert.equal(use.choose(undefined), undefined);
    assert.equal(use.ended('proxy-failed'), false);
  }
});
