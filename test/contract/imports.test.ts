import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { violationsOf } from './import-rules.ts';

test('imports point down, siblings do not know each other, and each outside thing has one door', () => {
  const root = new URL('../../', import.meta.url);
  const paths = globSync('{src,simulator}/**/*.ts', { cwd: fileURLToPath(root) }).map((path) =>
    path.replaceAll('\\', '/'),
  );
  const sources = Object.fromEntries(paths.map((path) => [path, readFileSync(new URL(path, root), 'utf8')]));
  assert.ok(paths.includes('src/gateway.ts') && paths.includes('simulator/simulator.ts'), 'sources are found');
  assert.deepEqual(violationsOf(sources), []);
});

for (const [what, path, text, violation] of [
  [
    'an import that points up',
    'src/storage/instances.ts',
    "import { startGateway } from '../gateway.ts';",
    'src/storage/instances.ts may not import src/gateway.ts',
  ],
  [
    'a sibling, though only for a type and over several lines',
    'src/http/server.ts',
    "import type {\n  Sessions,\n} from '../sessions/sessions.ts';",
    'src/http/server.ts may not import src/sessions/sessions.ts',
  ],
  [
    'an operation named by http',
    'src/http/server.ts',
    "export { me } from '../operations/instance/me.ts';",
    'src/http/server.ts may not import src/operations/instance/me.ts',
  ],
  [
    'the engine behind our words for WhatsApp',
    'src/whatsapp/whatsapp.ts',
    "import './baileys/connect.ts';",
    'src/whatsapp/whatsapp.ts may not import src/whatsapp/baileys/connect.ts',
  ],
  [
    'the simulator from the gateway',
    'src/gateway.ts',
    "const { startSimulator } = await import('../simulator/simulator.ts');",
    'src/gateway.ts may not import simulator/simulator.ts',
  ],
  [
    'the gateway from the simulator',
    'simulator/world.ts',
    "import { parseGroupId } from '../src/ids.ts';",
    'simulator/world.ts may not import src/ids.ts',
  ],
  [
    'a package past its door',
    'src/sessions/session.ts',
    "import { Boom } from '@hapi/boom';\nimport { proto } from 'baileys';",
    'src/sessions/session.ts is not the door to @hapi/boom',
    'src/sessions/session.ts is not the door to baileys',
  ],
  [
    'a part of a package past its door, in a type',
    'src/operations/fields.ts',
    "type Lookup = import('node:dns/promises').Resolver;",
    'src/operations/fields.ts is not the door to node:dns',
  ],
  [
    'the environment past the configuration',
    'src/media/guarded-fetch.ts',
    'const proxy = process.env.HTTP_PROXY;',
    'src/media/guarded-fetch.ts is not the door to process.env',
  ],
  [
    'a fetch past the guard',
    'src/operations/group/groups.ts',
    'const page = await fetch(input.url);',
    'src/operations/group/groups.ts is not the door to fetch',
  ],
  [
    'an import that the text does not tell',
    'src/operations/fields.ts',
    'const module = await import(name);',
    'src/operations/fields.ts imports something that only running it would tell',
  ],
  [
    'a folder that the picture does not have',
    'src/utils/strings.ts',
    'export const upper = 1;',
    'src/utils/strings.ts belongs to no part of the table (src/utils)',
  ],
] as const satisfies [string, string, string, ...string[]][]) {
  test(`refused: ${what}`, () => {
    assert.deepEqual(violationsOf({ [path]: text }), [violation]);
  });
}
