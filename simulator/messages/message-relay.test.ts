import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BinaryNode, WAMessage } from 'baileys';
import { type BaileysClient, onlineClient, pairClient, pairedAuth } from '../baileys-client.ts';
import { groupAddress } from '../groups/group-node.ts';
import type { Phone } from '../phone.ts';
import { type Simulator, startSimulator } from '../simulator.ts';

/** Alice and Bob, each with a client. */
async function startPair() {
  await using parts = new AsyncDisposableStack();
  const simulator = parts.use(await startSimulator({ preKeyCount: 100 }));
  const alice = simulator.phone('5511999990001', 'Alice');
  const bob = simulator.phone('5511999990002', 'Bob');
  const aliceClient = parts.use(await pairClient(simulator, alice));
  const bobClient = parts.use(await pairClient(simulator, bob));
  const owned = parts.move();
  return {
    simulator,
    alice,
    bob,
    aliceClient,
    bobClient,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const textOf = ({ message }: WAMessage): string | undefined =>
  message?.conversation ?? message?.extendedTextMessage?.text ?? undefined;

/** The message with this text, once the client has decrypted it. */
async function read(client: BaileysClient, text: string): Promise<WAMessage> {
  const fits = (message: WAMessage) => textOf(message) === text;
  const { messages } = await client.event('messages.upsert', ({ messages }) => messages.some(fits));
  const message = messages.find(fits);
  assert.ok(message);
  return message;
}

/** The next stanza that begins like this (see Baileys' `CB:` events), and fits. */
const stanza = (client: BaileysClient, name: string, fits: (stanza: BinaryNode) => boolean) =>
  new Promise<BinaryNode>((resolve) => {
    client.sock.ws.on(`CB:${name}`, (node: BinaryNode) => {
      if (fits(node)) resolve(node);
    });
  });

/** Sends a text to a person by phone number, and gives its id. */
const say = (client: BaileysClient, to: Phone, text: string): Promise<string> =>
  client.say(to.account.pn, text);

const inMode = (simulator: Simulator, addressingMode: 'lid' | 'pn', owner: Phone, member: Phone): string =>
  groupAddress(simulator.createGroup({ subject: 'family', owner, participants: [member], addressingMode }));

test('two clients write to each other, encrypted, and hear that it was delivered and read', async () => {
  await using world = await startPair();
  const { alice, bob, aliceClient, bobClient } = world;

  const id = await say(aliceClient, bob, 'Hello Bob');
  const { key } = await read(bobClient, 'Hello Bob');
  assert.equal(key.id, id);
  await alice.receipt((receipt) => receipt.id === id && receipt.device === 1);
  const heard = stanza(aliceClient, 'receipt,type:read', ({ attrs }) => attrs.id === id);
  await bobClient.sock.readMessages([key]);
  assert.equal((await alice.receipt(({ type }) => type === 'read')).by, bob.account);
  assert.equal((await heard).attrs.from, bob.account.pn);

  await say(bobClient, alice, 'Hello Alice');
  await read(aliceClient, 'Hello Alice');
  assert.deepEqual(
    bob.inbox.map(({ id, from, chat }) => [id, from, chat]),
    [[id, alice.account, bob.account.pn]],
  );
});

test('members write into groups, under LIDs and under phone numbers, and the author hears who has it', async () => {
  await using world = await startPair();
  const { simulator, alice, bob, aliceClient, bobClient } = world;
  for (const mode of ['lid', 'pn'] as const) {
    const address = inMode(simulator, mode, alice, bob);
    await aliceClient.say(address, `one in ${mode}`);
    await read(bobClient, `one in ${mode}`);
    await bobClient.say(address, `two in ${mode}`);
    await read(aliceClient, `two in ${mode}`);
    // Now both have each other's sender key.
    const heard = stanza(aliceClient, 'receipt', ({ attrs }) => attrs.from === address);
    await aliceClient.say(address, `three in ${mode}`);
    await read(bobClient, `three in ${mode}`);
    assert.equal((await heard).attrs.participant, bob.account[mode]);
  }
});

test('what a device does not acknowledge waits for it, and comes again', async () => {
  await using simulator = await startSimulator({ preKeyCount: 100 });
  const alice = simulator.phone('5511999990001', 'Alice');
  const bob = simulator.phone('5511999990002', 'Bob');
  await using aliceClient = await pairClient(simulator, alice);
  const auth = await pairedAuth(simulator, bob);
  const group = inMode(simulator, 'lid', alice, bob);
  await say(aliceClient, bob, 'You are away');
  await aliceClient.say(group, 'and from the group, too');
  await simulator.requestArrived('message', 2);
  assert.equal(bob.devices[0]?.queue.filter(({ tag }) => tag === 'message').length, 2);

  await using bobClient = await onlineClient(simulator, auth);
  await read(bobClient, 'You are away');
  await read(bobClient, 'and from the group, too');
  await alice.receipt(({ by }) => by === bob.account);
  // An author's own devices and those of others go on as before.
  await say(bobClient, alice, 'I am back');
  await read(aliceClient, 'I am back');
  assert.equal(bob.devices[0]?.queue.filter(({ tag }) => tag === 'message').length, 0);
});

test('a message that cannot be decrypted is asked for again and sent again', async () => {
  await using world = await startPair();
  const { alice, bob, aliceClient, bobClient } = world;
  await say(aliceClient, bob, 'first');
  await read(bobClient, 'first');
  await say(bobClient, alice, 'answer');
  await read(aliceClient, 'answer');
  // Bob's client loses its sessions, as one does that was restored from a copy.
  const { account } = alice;
  const lost = [`${account.lid.replace('@lid', '')}_1.1`, `${account.number}.1`];
  await bobClient.auth.keys.set({ session: Object.fromEntries(lost.map((address) => [address, null])) });

  const id = await say(aliceClient, bob, 'second');
  await alice.receipt((receipt) => receipt.id === id && receipt.type === 'retry');
  await read(bobClient, 'second');
  await say(bobClient, alice, 'third');
  await read(aliceClient, 'third');
});

test('a companion of the author gets what the author writes elsewhere', async () => {
  await using world = await startPair();
  const { simulator, alice, bob, aliceClient } = world;
  await using second = await pairClient(simulator, alice);
  await say(aliceClient, bob, 'from my first device');
  const { key } = await read(second, 'from my first device');
  assert.equal(key.fromMe, true);
});

test('a message to nobody, or into a group of others, is refused', async () => {
  await using world = await startPair();
  const { simulator, aliceClient, bob } = world;
  const group = inMode(simulator, 'lid', bob, bob);
  const address = (jid: string) => ({ tag: 'message', attrs: { id: jid, to: jid, type: 'text' } });
  const { attrs: nobody } = await aliceClient.sock.query(address('5511999990009@s.whatsapp.net'), 3_000);
  assert.deepEqual([nobody.class, nobody.error], ['message', '404']);
  const { attrs: foreign } = await aliceClient.sock.query(address(group), 3_000);
  assert.equal(foreign.error, '403');
});

test('faults meet messages: refused, without an answer, or with the connection', async () => {
  await using world = await startPair();
  const { simulator, bob, aliceClient } = world;
  simulator.faults.add({ kind: 'message', times: 1, error: 463 });
  const refused = stanza(aliceClient, 'ack,class:message', () => true);
  const id = await say(aliceClient, bob, 'refused');
  const { attrs } = await refused;
  assert.deepEqual([attrs.id, attrs.error], [id, '463']);
  simulator.faults.add({ kind: 'message', times: 1, close: 'after-change' });
  await say(aliceClient, bob, 'taken');
  await bob.message((message) => message.id !== id);
  assert.equal(bob.inbox.length, 1);
  assert.equal(await aliceClient.closed(), 428);
});
