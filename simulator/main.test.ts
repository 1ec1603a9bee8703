import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connectClient } from './baileys-client.ts';
import { startSimulator } from './simulator.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

test('the command prints one line of JSON when it is ready, and exits with 0 on SIGTERM after it said what it could not do', async () => {
  const child = spawn(process.execPath, [main, '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const complaints = text(child.stderr);
  const exited = once(child, 'exit');
  try {
    const [line] = await once(createInterface(child.stdout), 'line');
    const { webSocketUrl, controlUrl, rootPublicKey } = JSON.parse(line);
    const made = await fetch(`${controlUrl}/phones`, {
      method: 'POST',
      body: JSON.stringify({ number: '5511999990001', name: 'Alice' }),
    });
    assert.equal(made.status, 200);

    await using client = connectClient({ webSocketUrl, rootPublicKey: Buffer.from(rootPublicKey, 'hex') });
    const qr = await client.qr();
    const unheardOf = { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:unheard-of' };
    await assert.rejects(client.sock.query({ tag: 'iq', attrs: unheardOf }, 3_000), { data: 501 });
    const scanned = await fetch(`${controlUrl}/phones/5511999990001/scan`, {
      method: 'POST',
      body: JSON.stringify({ qr }),
    });
    assert.deepEqual(await scanned.json(), { device: 1, number: '5511999990001' });
  } finally {
    child.kill('SIGTERM');
  }
  assert.deepEqual(await exited, [0, null]);
  assert.equal(await complaints, 'Not simulated: iq get w:unheard-of\n');
});

test('a port that is taken is said in one line', async () => {
  await using whatsapp = await startSimulator();
  const { port } = new URL(whatsapp.controlUrl);
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, '--port', port], {
    encoding: 'utf8',
  });
  assert.deepEqual([status, stdout], [2, '']);
  assert.match(stderr, /^.*EADDRINUSE.*\n$/);
});

test('arguments that make no sense are named, with exit code 2', () => {
  for (const args of [['--port', '99999'], ['--colour'], ['surplus']]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(stderr, new RegExp(args.at(-1) ?? ''));
  }
});
