import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BaileysClient, pairClient } from '../baileys-client.ts';
import { startSimulator } from '../simulator.ts';
import { bytesOf, childOf, element } from '../stanza.ts';

/** Sends the mutation that sets a text; gives WhatsApp's answer to it. */
async function setText({ sock }: BaileysClient, input: object): Promise<unknown> {
  const query = element('query', { query_id: '9152604461510864' }, JSON.stringify({ variables: { input } }));
  const attributes = { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:mex' };
  const answer = await sock.query(element('iq', attributes, [query]), 3_000);
  return JSON.parse(bytesOf(childOf(answer, 'result')).toString()).data;
}

const saying = (result: string) => ({ xwa2_update_text_status: { result } });

test('a text that is set is shown, for as long as it was to be shown', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const phone = whatsapp.phone('5511999990001');
  await using client = await pairClient(whatsapp, phone);
  assert.equal(phone.about, undefined);
  assert.deepEqual(
    await setText(client, { text: 'At work', ephemeral_duration_sec: 3_600 }),
    saying('SUCCESS'),
  );
  assert.equal(phone.about, 'At work');
  await setText(client, { text: 'For no time', ephemeral_duration_sec: 0 });
  assert.equal(phone.about, undefined);
  await setText(client, { text: 'For ever', ephemeral_duration_sec: -1 });
  assert.equal(phone.about, 'For ever');
  await setText(client, { text: null, ephemeral_duration_sec: 0 });
  assert.equal(phone.about, undefined);
});

test('a text that is too long is not set', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const phone = whatsapp.phone('5511999990001');
  await using client = await pairClient(whatsapp, phone);
  const input = { text: 'x'.repeat(51), ephemeral_duration_sec: 3_600 };
  assert.deepEqual(await setText(client, input), saying('FAILURE'));
  assert.equal(phone.about, undefined);
});

test('the old text is read by those who ask for it, and shown as long as there never was a newer one', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const phone = whatsapp.phone('5511999990001');
  await using client = await pairClient(whatsapp, phone);
  await client.sock.updateProfileStatus('Old text');
  const [found] = (await client.sock.fetchStatus(phone.account.pn)) ?? [];
  assert.equal((found?.status as { status?: string })?.status, 'Old text');
  assert.equal(phone.about, 'Old text');
  await setText(client, { text: 'New text', ephemeral_duration_sec: 3_600 });
  await client.sock.updateProfileStatus('Another old text');
  assert.equal(phone.about, 'New text');
});
