/** Conformance: a public client of Z-API, used as its own guide says, with nothing changed but `baseURL`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APIError, ZAPI, ZAPIPartner } from 'z-api-sdk';
import { clientToken, eventually, partnerToken, startWorld } from '../harness.ts';
import { pngOf, serveLogo } from '../pictures.ts';

test('z-api-sdk creates an instance, pairs, creates a group and changes its photo by URL and by data URI', async () => {
  await using logo = await serveLogo();
  await using world = await startWorld({ env: { POMBO_FETCH_ALLOW: logo.host } });
  const baseURL = world.gateway.url;
  const ana = world.whatsapp.phone('5511999990001', 'Ana');
  const bruno = world.whatsapp.phone('5511999990002', 'Bruno');

  const partner = new ZAPIPartner({ partnerToken, baseURL });
  const { id, token } = await partner.createInstance({ name: 'SDK' });
  const client = new ZAPI({ instanceId: id, token, clientToken, baseURL, maxRetries: 0 });
  assert.equal((await client.instance.getStatus()).connected, false);

  const { value } = (await client.instance.getQrCode()) as { value: string };
  await ana.scan(value);
  await eventually('the client says connected', async () => {
    const { connected } = await client.instance.getStatus();
    return connected === true;
  });

  const { phone: groupId } = await client.groups.create({
    groupName: 'Equipe',
    phones: [bruno.number],
    autoInvite: true,
  });
  assert.ok(groupId);
  const seenByBruno = () => bruno.photoOf(groupId);

  assert.deepEqual(await client.groups.updatePhoto({ groupId, groupPhoto: logo.url }), { value: true });
  const first = await seenByBruno();
  assert.deepEqual([first?.width, first?.height, first?.format], [640, 640, 'jpeg']);

  const dataUri = `data:image/png;base64,${await pngOf('#0f0')}`;
  assert.deepEqual(await client.groups.updatePhoto({ groupId, groupPhoto: dataUri }), { value: true });
  assert.notEqual((await seenByBruno())?.id, first?.id);

  const metadata = (await client.groups.getMetadata(groupId)) as { participants: { phone: string }[] };
  assert.deepEqual(metadata.participants.map(({ phone }) => phone).sort(), [ana.number, bruno.number]);
});

test('z-api-sdk gets the reason of a failure in its own error', async () => {
  await using world = await startWorld();
  const { api } = await world.person('5511999990001', 'Ana');
  const client = new ZAPI({
    instanceId: api.id,
    token: api.token,
    clientToken,
    baseURL: world.gateway.url,
    maxRetries: 0,
  });
  await assert.rejects(
    client.groups.updatePhoto({ groupId: '120363000000000001-group', groupPhoto: 'aGVsbG8gd29ybGQ=' }),
    (error) => error instanceof APIError && error.status === 400 && /expected a picture/.test(error.message),
  );
});
