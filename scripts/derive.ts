/**
 * Writes the files that are derived from the source. `--check` writes nothing and fails when one of them is not what
 * it would be.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import packageInfo from '../package.json' with { type: 'json' };
import { openApi } from '../src/http/openapi.ts';
import * as operations from '../src/operations/index.ts';
import { errorsPage, exampleEnvironment, settingsPage } from './reference.ts';

const derived: Record<string, string> = {
  '.env.example': exampleEnvironment(),
  'docs/reference/errors.md': errorsPage(),
  'docs/reference/settings.md': settingsPage(),
  'openapi.json': `${JSON.stringify(openApi(Object.values(operations), packageInfo), null, 2)}\n`,
};

const urlOf = (path: string) => new URL(`../${path}`, import.meta.url);

/** What is written there now; `undefined` when there is no such file. */
const written = (path: string) => readFile(urlOf(path), 'utf8').catch(() => undefined);

const stale: string[] = [];
for (const [path, text] of Object.entries(derived)) if ((await written(path)) !== text) stale.push(path);

if (!process.argv.includes('--check')) {
  await mkdir(urlOf('docs/reference'), { recursive: true });
  for (const path of stale) {
    await writeFile(urlOf(path), derived[path] ?? '');
    console.log(`wrote ${path}`);
  }
} else if (stale.length > 0) {
  console.error(
    `Not what the source says any more: ${stale.join(', ')}. Run "npm run derive" and commit the result.`,
  );
  process.exitCode = 1;
}
