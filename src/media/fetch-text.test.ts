import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { ByteBudget } from './byte-budget.ts';
import { createTextReader } from './fetch-text.ts';

/** A web site that has this text, and remembers how it was asked. */
async function startSite(text: string) {
  const asked: IncomingHttpHeaders[] = [];
  const server = createServer(({ headers }, response) => {
    asked.push(headers);
    response.end(text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    asked,
    host,
    url: `http://${host}/sw.js`,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

const budget = () => new ByteBudget(8 * 2 ** 20);

test('a text is fetched as a browser that was just told the address', async () => {
  await using site = await startSite('"client_revision":1043857760');
  using reader = createTextReader({ allow: [site.host], budget: budget() });
  assert.equal(await reader.fetchText(site.url), '"client_revision":1043857760');
  assert.match(site.asked[0]?.['user-agent'] ?? '', /^Mozilla\/5\.0 .*Chrome/);
  assert.equal(site.asked[0]?.['sec-fetch-site'], 'none');
});

test('a text that goes on and on is not read to its end', async () => {
  await using site = await startSite('x'.repeat(2 ** 20 + 1));
  using reader = createTextReader({ allow: [site.host], budget: budget() });
  await assert.rejects(reader.fetchText(site.url), { reason: 'too-large' });
});

test('the address is checked as any other', async () => {
  await using site = await startSite('private');
  using reader = createTextReader({ allow: [], budget: budget() });
  await assert.rejects(reader.fetchText(site.url), { reason: 'address-forbidden' });
  assert.deepEqual(site.asked, []);
});
