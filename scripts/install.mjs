// Installs what package-lock.json names, when node_modules is missing or older than it.
// Runs before every npm script, on whatever Node the machine has (18 or newer) and with no dependency, so that
// `npm run demo` and `npm test` work as the first command on a fresh clone.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** When `path` (relative to the project) was last changed, in ms; 0 when it is not there. */
function changedAt(path) {
  return statSync(new URL(`../${path}`, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

// npm writes this file last, so an interrupted install is repeated.
const installedAt = changedAt('node_modules/.package-lock.json');
const isCurrent = installedAt >= changedAt('package-lock.json') && changedAt('node_modules/.bin/node') > 0;

if (!isCurrent) {
  console.error('Installing dependencies (npm ci), once …');
  // npm warns about engines when the machine's own Node is older than 24; the scripts run on the packaged one.
  const { status, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (error) console.error(`npm could not be started: ${error.message}`);
  if (status !== 0) {
    console.error('Dependencies could not be installed; see the messages above.');
    process.exit(status ?? 1);
  }
}
