/**
 * `npm test`: runs every `*.test.ts` of the project, each file in a process of its own. Arguments choose the files
 * whose path contains one of them: `npm test -- storage group-photo`.
 */
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

/** Far more than any of them takes on a slow machine: whoever gets here hangs. */
const testTimeoutMs = 60_000;
const fileTimeoutMs = 120_000;

/** As far as it is looked at here; the reporter knows the rest. */
interface TestEvent {
  readonly type: string;
  readonly data: {
    readonly file?: string;
    readonly name?: string;
    readonly skip?: string | boolean;
    readonly todo?: string | boolean;
    readonly counts?: Readonly<typeof totals>;
  };
}

const root = fileURLToPath(new URL('..', import.meta.url));
const reporter = new spec();
const totals = { tests: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 };
const unfinished: string[] = [];

/** Runs one file and reports it in one piece, however many run beside it. */
async function runFile(file: string): Promise<void> {
  const deadline = new AbortController();
  const overdue = new Error(
    `${file} was still running after ${fileTimeoutMs / 1000} s: a test hangs, or something was left open.`,
  );
  const timer = setTimeout(() => deadline.abort(overdue), fileTimeoutMs);
  const options = { cwd: root, files: [file], timeout: testTimeoutMs, signal: deadline.signal };
  const events: TestEvent[] = await run(options).toArray();
  clearTimeout(timer);

  say('test:stdout', `\n${file}\n`);
  for (const event of events) {
    const { type, data } = event;
    if (type === 'test:pass' && data.skip) unfinished.push(`skipped ${file}: ${data.name} (${data.skip})`);
    if (type === 'test:pass' && data.todo) unfinished.push(`todo ${file}: ${data.name} (${data.todo})`);
    if (data.file !== undefined) reporter.write(event);
    else if (type === 'test:summary') add(data.counts); // of this run; the sums are told at the end
  }
}

function add(counts: TestEvent['data']['counts']): void {
  for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += counts?.[name] ?? 0;
}

function say(type: 'test:stdout' | 'test:diagnostic', message: string): void {
  reporter.write({ type, data: { nesting: 0, message, level: 'info' } });
}

const wanted = process.argv.slice(2);
const found = globSync('{src,simulator,test,scripts}/**/*.test.ts', { cwd: root });
const files = found
  .sort()
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)));

reporter.pipe(process.stdout);
const startedAtMs = performance.now();
const queue = files.values();
// One more than there are cores: many tests wait for a time-out, and another file can use the core meanwhile.
const workers = Array.from({ length: availableParallelism() + 1 }, async () => {
  for (const file of queue) await runFile(file);
});
await Promise.all(workers);

say('test:stdout', '\n');
say('test:diagnostic', `${files.length} files in ${Math.round((performance.now() - startedAtMs) / 1000)} s`);
for (const [name, count] of Object.entries(totals)) say('test:diagnostic', `${name} ${count}`);
for (const line of unfinished) say('test:diagnostic', line);
reporter.end(); // now come the failures once more, in detail
await once(reporter, 'end');
if (files.length === 0) console.error(`No test file's path contains ${wanted.join(' or ')}.`);
const failed = totals.failed + totals.cancelled;
console.log(`\n${totals.passed} passed, ${failed} failed, ${totals.skipped} skipped`);
process.exitCode = files.length > 0 && failed === 0 ? 0 : 1;
