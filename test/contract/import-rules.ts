/**
 * Who may import whom: the picture of the house, checked line by line. A part is a folder or a file of `src/`, named
 * without `.ts`; what it may import stands below it.
 */
import { dirname, join } from 'node:path/posix';

const mayImport: Readonly<Record<string, readonly string[]>> = {
  main: ['gateway', 'welcome', 'config', 'storage-error'],
  welcome: ['gateway', 'instance', 'pictures', 'errors'],

  // Where the parts meet: nobody else builds them.
  gateway: [
    'config',
    'http',
    'sessions',
    'habits',
    'photos',
    'jobs',
    'operations',
    'instance',
    'storage',
    'storage-error',
    'media',
    'pictures',
    'whatsapp/baileys',
    'whatsapp',
    'clock',
    'give-back',
    'ids',
    'errors',
  ],

  // The programs beside the gateway, each a process of its own.
  commands: [
    'config',
    'setting-kinds',
    'secret',
    'storage',
    'storage-error',
    'moving',
    'instance',
    'whatsapp/baileys',
    'ids',
  ],

  // Siblings: none imports another. `http` is handed the operations and names none of them.
  http: [
    'operation',
    'instance',
    'session-control',
    'group-photos',
    'photo-jobs',
    'base64',
    'closest-name',
    'growing-bytes',
    'picture-too-large',
    'storage-error',
    'unless-aborted',
    'whatsapp',
    'ids',
    'errors',
  ],
  sessions: ['session-control', 'whatsapp', 'clock', 'ids', 'errors'],
  moving: ['instance', 'group-photos', 'whatsapp', 'ids'],
  habits: ['instance', 'whatsapp', 'clock', 'ids', 'errors'],
  photos: ['group-photos', 'whatsapp', 'clock', 'pause', 'unless-aborted', 'ids', 'errors'],
  jobs: ['photo-jobs', 'group-photos', 'whatsapp', 'clock', 'pause', 'unless-aborted', 'ids', 'errors'],
  operations: [
    'operation',
    'instance',
    'session-control',
    'group-photos',
    'photo-jobs',
    'whatsapp',
    'pictures',
    'ids',
    'errors',
  ],

  // What an operation is. Of `pictures` it knows the words for a photo.
  operation: [
    'instance',
    'session-control',
    'group-photos',
    'photo-jobs',
    'whatsapp',
    'pictures',
    'ids',
    'errors',
  ],

  // The shapes that operations work with.
  instance: ['ids'],
  'session-control': ['whatsapp', 'ids'],
  'group-photos': ['whatsapp', 'ids'],
  'photo-jobs': ['ids', 'errors'],

  // The doors to what is outside. Storage keeps shapes that are declared by those who need them kept: `Instance`,
  // `KeyStore`, `PhotoStore`, `JobStore`.
  storage: [
    'storage-error',
    'instance',
    'photo-jobs',
    'whatsapp',
    'photos',
    'jobs',
    'secret',
    'ids',
    'errors',
  ],
  media: ['base64', 'picture-too-large', 'unless-aborted', 'errors'],
  pictures: ['errors'],
  'whatsapp/baileys': ['whatsapp', 'ids', 'errors'],
  whatsapp: ['ids', 'errors'],

  config: ['setting-kinds', 'closest-name'],
  'setting-kinds': ['secret'],

  base64: ['growing-bytes'],
  'closest-name': [],
  'give-back': [],
  'growing-bytes': ['give-back'],
  clock: [],
  pause: ['clock', 'unless-aborted'],
  'picture-too-large': ['errors'],
  'unless-aborted': [],
  secret: [],
  'storage-error': [],
  ids: [],
  errors: [],
};

/** The parts that may import a package: one door for each thing outside. What is not listed here has no door yet. */
const doors: Readonly<Record<string, readonly string[]>> = {
  baileys: ['src/whatsapp/baileys', 'simulator'],
  ws: ['src/whatsapp/baileys', 'simulator'],
  'https-proxy-agent': ['src/whatsapp/baileys'],
  'socks-proxy-agent': ['src/whatsapp/baileys'],
  'node:sqlite': ['src/storage'],
  kysely: ['src/storage'],
  sharp: ['src/pictures', 'simulator'],
  qrcode: ['src/pictures'],
  undici: ['src/media'],
  'ipaddr.js': ['src/media'],
  'node:dns': ['src/media'],
  fastify: ['src/http'],
  '@fastify/busboy': ['src/http'],
  typebox: ['src/operation', 'src/operations', 'src/http', 'simulator'],
  pino: [
    'src/main',
    'src/gateway',
    'src/sessions',
    'src/photos',
    'src/habits',
    'src/jobs',
    'src/whatsapp/baileys',
    'simulator',
  ],
};

/** What is not imported but everywhere, and yet has one door. */
const doorsOfGlobals: readonly { global: string; pattern: RegExp; parts: readonly string[] }[] = [
  { global: 'process.env', pattern: /\bprocess\.env\b/, parts: ['src/main', 'src/commands'] },
  // The guarded fetch is the only way out of the house.
  { global: 'fetch', pattern: /(?<![\w.#$])fetch\(/, parts: ['simulator'] },
];

/**
 * What is wrong with the imports of these sources (path from the project's root → text), a line each.
 * Tests and their fixtures are not looked at: they may reach for anything, and nothing else may reach for them.
 */
export function violationsOf(sources: Readonly<Record<string, string>>): string[] {
  const files = Object.entries(sources).filter(([path]) => !isOfTests(path));
  return [...files.flatMap(([path, text]) => violationsIn(path, text)), ...cyclesIn(files)];
}

const isOfTests = (path: string): boolean => /\.(test|fixture)\.ts$/.test(path);

function violationsIn(path: string, text: string): string[] {
  const from = partOf(path);
  const violations: string[] = [];
  const complain = (what: string) => violations.push(`${path} ${what}`);

  if (from.startsWith('src/') && !(from.slice('src/'.length) in mayImport)) {
    complain(`belongs to no part of the table (${from})`);
  }
  for (const specifier of specifiersIn(text)) {
    if (specifier === undefined) complain('imports something that only running it would tell');
    else if (specifier.startsWith('.')) {
      const target = join(dirname(path), specifier);
      if (isOfTests(target) || !isAllowed(from, partOf(target))) complain(`may not import ${target}`);
    } else {
      const name = packageOf(specifier);
      const isFree = name.startsWith('node:') && !(name in doors);
      if (!isFree && !doors[name]?.includes(from)) complain(`is not the door to ${name}`);
    }
  }
  for (const { global, pattern, parts } of doorsOfGlobals) {
    if (pattern.test(text) && !parts.includes(from)) complain(`is not the door to ${global}`);
  }
  return violations;
}

function isAllowed(from: string, to: string): boolean {
  if (from === to) return true;
  if (to === 'package.json') return from === 'src/gateway';
  const [house, part] = [from.slice('src/'.length), to.slice('src/'.length)];
  return from.startsWith('src/') && to.startsWith('src/') && (mayImport[house]?.includes(part) ?? false);
}

/** `src/http/server.ts` → `src/http`; `src/ids.ts` → `src/ids`; all of the simulator is one part. */
function partOf(path: string): string {
  const part = /^src\/(?:whatsapp\/baileys(?=\/)|[^/]+)/.exec(path)?.[0].replace(/\.ts$/, '');
  return part ?? (path.startsWith('simulator/') ? 'simulator' : path);
}

/** `kysely/migration` → `kysely`; `@fastify/helmet` → `@fastify/helmet`; `node:dns/promises` → `node:dns`. */
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const staticImport = /^(?:import|export)\b(?:[^;'"]*?\bfrom)?\s*['"](?<specifier>[^'"]+)['"]/gm;
const typeOnlyImport = /^(?:import|export)\s+type\b/;
const dynamicImport = /\bimport\(\s*(?:['"](?<specifier>[^'"]+)['"])?/g;

/** What a source imports, types included; `undefined` stands for what cannot be read from the text. */
function specifiersIn(text: string): (string | undefined)[] {
  return [...text.matchAll(staticImport), ...text.matchAll(dynamicImport)].map(
    (match) => match.groups?.specifier,
  );
}

/** Circles of files that need each other to be loaded. Types are gone by then, so they may refer to each other. */
function cyclesIn(files: readonly (readonly [path: string, text: string])[]): string[] {
  const importsOf = new Map(
    files.map(([path, text]) => {
      const loaded = [...text.matchAll(staticImport)].filter(([line]) => !typeOnlyImport.test(line));
      const targets = loaded.map((match) => join(dirname(path), match.groups?.specifier ?? ''));
      return [path, targets];
    }),
  );
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    const seenAt = way.indexOf(path);
    if (seenAt >= 0) cycles.push(`${[...way.slice(seenAt), path].join(' → ')} is a circle`);
    if (seenAt >= 0 || done.has(path)) return;
    for (const target of importsOf.get(path) ?? []) visit(target, [...way, path]);
    done.add(path);
  };
  for (const path of importsOf.keys()) visit(path, []);
  return cycles;
}
