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
