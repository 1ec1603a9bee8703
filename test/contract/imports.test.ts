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
  assert.ok(
    paths.includes('src/gateway.ts') && paths.includes('simulator/simulator.ts'),
    'sources are found',
  );
  assert.deepEqual(violationsOf(sources), []);
});

/** What is said about one source text. */
const refused: readonly { what: string; path: string; text: string; says: readonly string[] }[] = [
  {
    what: 'an import that points up',
    path: 'src/storage/instances.ts',
    text: "import { startGateway } from '../gateway.ts';",
    says: ['may not import src/gateway.ts'],
  },
  {
    what: 'a sibling, though only for a type and over several lines',
    path: 'src/http/server.ts',
    text: "import type {\n  Sessions,\n} from '../sessions/sessions.ts';",
    says: ['may not import src/sessions/sessions.ts'],
  },
  {
    what: 'an operation that http hands on',
    path: 'src/http/server.ts',
    text: "export { me } from '../operations/instance/me.ts';",
    says: ['may not import src/operations/instance/me.ts'],
  },
  {
    what: 'the engine behind our words for WhatsApp',
    path: 'src/whatsapp/whatsapp.ts',
    text: "import './baileys/connect.ts';",
    says: ['may not import src/whatsapp/baileys/connect.ts'],
  },
  {
    what: 'the simulator in the gateway',
    path: 'src/gateway.ts',
    text: "const { startSimulator } = await import('../simulator/simulator.ts');",
    says: ['may not import simulator/simulator.ts'],
  },
  {
    what: 'the gateway in the simulator',
    path: 'simulator/world.ts',
    text: "import { parseGroupId } from '../src/ids.ts';",
    says: ['may not import src/ids.ts'],
  },
  {
    what: 'a package that has another door, and one that has none',
    path: 'src/sessions/session.ts',
    text: "import { proto } from 'baileys';\nimport { Boom } from '@hapi/boom/lib';",
    says: ['is not the door to baileys', 'is not the door to @hapi/boom'],
  },
  {
    what: 'a part of a package past its door, in a type',
    path: 'src/operations/fields.ts',
    text: "type Resolver = import('node:dns/promises').Resolver;",
    says: ['is not the door to node:dns'],
  },
  {
    what: 'the environment past the configuration',
    path: 'src/media/guarded-fetch.ts',
    text: 'const proxy = process.env.HTTP_PROXY;',
    says: ['is not the door to process.env'],
  },
  {
    what: 'a fetch past the guard',
    path: 'src/operations/group/groups.ts',
    text: 'const page = await fetch(input.url);',
    says: ['is not the door to fetch'],
  },
  {
    what: 'a fixture in what is no test',
    path: 'src/sessions/session.ts',
    text: "import { ManualClock } from './manual-clock.fixture.ts';",
    says: ['may not import src/sessions/manual-clock.fixture.ts'],
  },
  {
    what: 'an import that the text does not tell',
    path: 'src/operations/fields.ts',
    text: 'const module = await import(name);',
    says: ['imports something that only running it would tell'],
  },
  {
    what: 'a folder that the picture does not have',
    path: 'src/utils/strings.ts',
    text: 'export const upper = 1;',
    says: ['belongs to no part of the table (src/utils)'],
  },
];

for (const { what, path, text, says } of refused) {
  test(`refused: ${what}`, () => {
    assert.deepEqual(
      violationsOf({ [path]: text }),
      says.map((violation) => `${path} ${violation}`),
    );
  });
}

test('refused: files that need each other to be loaded', () => {
  const sources = {
    'src/media/one.ts': "import { two } from './two.ts';",
    'src/media/two.ts': "import { three } from './three.ts';",
    'src/media/three.ts': "export { one } from './one.ts';",
  };
  assert.deepEqual(violationsOf(sources), [
    'src/media/one.ts → src/media/two.ts → src/media/three.ts → src/media/one.ts is a circle',
  ]);
});

test('types may refer to each other, tests may reach for anything, and texts are no imports', () => {
  const sources = {
    'src/media/one.ts': "import { two } from './two.ts';",
    'src/media/two.ts': "import type { One } from './one.ts';",
    'src/media/two.test.ts': "import { startSimulator } from '../../simulator/simulator.ts';",
    'src/media/two.fixture.ts': "import { startSimulator } from '../../simulator/simulator.ts';",
    'src/errors.ts': "const advice = 'take it from';\nexport const from = 'baileys';",
  };
  assert.deepEqual(violationsOf(sources), []);
});
