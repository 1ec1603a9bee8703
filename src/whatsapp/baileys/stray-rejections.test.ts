import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

// In a process of its own: the test runner listens to unhandled rejections, too.
const guard = import.meta.resolve('./stray-rejections.ts');
const run = (script: string) =>
  promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    `import { withStrayRejectionsLogged } from '${guard}';
     const logger = { debug: ({ err }) => console.log('logged', err) };
     ${script}`,
  ]);

test('a rejection that comes of the work, however late, is logged and ends nothing', async () => {
  const { stdout } = await run(`
    withStrayRejectionsLogged(logger, () => setTimeout(async () => Promise.reject(1006), 1));
    setTimeout(() => console.log('still here'), 20);`);
  assert.equal(stdout, 'logged 1006\nstill here\n');
});

test('a rejection from elsewhere ends the process as ever', async () => {
  await assert.rejects(
    run(`
      withStrayRejectionsLogged(logger, () => {});
      Promise.reject(new Error('not of Baileys'));
      setTimeout(() => console.log('still here'), 20);`),
    ({ code, stdout, stderr }) => code === 1 && stdout === '' && /not of Baileys/.test(stderr),
  );
});

test('what is done with the events of a connection is not of Baileys: its rejections end the process', async () => {
  const ours = (path: string) => import.meta.resolve(path);
  await assert.rejects(
    run(`
      const { pino } = await import('pino');
      const { startSimulator } = await import('${ours('../../../simulator/simulator.ts')}');
      const { MemoryKeyStore } = await import('${ours('../memory-key-store.fixture.ts')}');
      const { connectBaileys } = await import('${ours('./connect.ts')}');
      const connect = connectBaileys({ ...(await startSimulator()), logger: pino({ enabled: false }) });
      const told = Promise.withResolvers();
      await connect({
        keys: new MemoryKeyStore(),
        async onEvent({ type }) {
          told.resolve();
          throw new Error('at the event ' + type);
        },
      });
      await told.promise;
      setTimeout(() => process.exit(), 20);`),
    ({ code, stderr }) => code === 1 && /at the event qr/.test(stderr),
  );
});
