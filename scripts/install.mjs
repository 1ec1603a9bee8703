// Installs what package-lock.json names, when node_modules is missing or older than it.
// Runs before every npm script, on whatever Node the machine has (18 or newer) and with no dependency, so that
// `npm run demo` and `npm test` work as the first command on a fresh clone.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const lockFile = join(root, 'package-lock.json');
// Written last, so an interrupted install is repeated.
const stamp = join(root, 'node_modules', '.installed');

/** When a file was last changed, in ms; 0 when it is not there. */
const changedAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Runs npm in `folder`; throws when it fails. */
function npm(args, { folder = root, env = process.env } = {}) {
  const { status, error } = spawnSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    env,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm ${args[0]} failed${error ? `: ${error.message}` : '; see above'}.`);
}

function install() {
  const bootstrap = mkdtempSync(join(tmpdir(), 'pombo-install-'));
  let env = process.env;
  try {
    // Before Node 20, npm leaves out prebuilt binaries that say they need 20, although they run on the packaged one.
    if (Number.parseInt(process.versions.node, 10) < 20) {
      const { version } = JSON.parse(readFileSync(lockFile, 'utf8')).packages['node_modules/node'];
      npm(['install', '--prefix', bootstrap, `node@${version}`], { folder: bootstrap });
      env = { ...env, PATH: join(bootstrap, 'node_modules', '.bin') + delimiter + env.PATH };
    }
    // Of all the packages only `node` needs its script, to fetch the Node that everything here runs on.
    npm(['ci', '--ignore-scripts'], { env });
    npm(['rebuild', 'node'], { env });
  } finally {
    rmSync(bootstrap, { recursive: true, force: true });
  }
  writeFileSync(stamp, '');
}

if (changedAt(stamp) < changedAt(lockFile)) {
  console.error('Installing dependencies, once …');
  rmSync(stamp, { force: true });
  try {
    install();
  } catch (error) {
    console.error(`Dependencies could not be installed: ${error.message}`);
    process.exitCode = 1;
  }
}
