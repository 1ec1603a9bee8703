/**
 * The simulator over HTTP, for people and for tests in other languages; docs/simulator.md describes it. It also serves
 * the pictures behind the URLs that clients are told.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { type Fault, type FaultBook, FaultError } from './faults.ts';
import type { Group } from './groups/group-book.ts';
import { groupAddress } from './groups/group-node.ts';
import { servedPicture } from './groups/picture-files.ts';
import { PairingError } from './pairing/pairing-error.ts';
import type { Phone } from './phone.ts';
import type { Phones } from './phones.ts';
import type { Device, World } from './world.ts';

interface ControlOptions {
  readonly world: World;
  readonly phones: Phones;
  readonly faults: FaultBook;
}

/** What a route answers: JSON, a JPEG, or nothing. */
type Answer = object | Buffer | undefined;

interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `{name}` stands for one part of the path. */
  readonly path: string;
  /** `parts` are what stood for the names, in order; `body` is the JSON of a POST. */
  answer(parts: readonly string[], body: unknown): Answer | Promise<Answer>;
}

/** A request that is not answered with success. */
class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly status: 400 | 404 | 413;

  constructor(status: ControlError['status'], message: string) {
    super(message);
    this.status = status;
  }
}

const bodyLimitBytes = 1_048_576;

const newPhone = Type.Object({ number: Type.String(), name: Type.Optional(Type.String({ minLength: 1 })) });
const scan = Type.Object({ qr: Type.String() });
const enterCode = Type.Object({ code: Type.String() });
const newGroup = Type.Object({
  subject: Type.String({ minLength: 1 }),
  owner: Type.String(),
  participants: Type.Array(Type.String()),
  addressingMode: Type.Optional(Type.Union([Type.Literal('pn'), Type.Literal('lid')])),
  locked: Type.Optional(Type.Boolean()),
});

function read<Schema extends TSchema>(schema: Schema, body: unknown): Static<Schema> {
  if (Value.Check(schema, body)) return body;
  const [first] = Value.Errors(schema, body);
  const field = first?.instancePath.slice(1).replaceAll('/', '.') || 'The body';
  throw new ControlError(400, `${field} ${first?.message ?? 'is not valid'}`);
}

function routesOf({ world, phones, faults }: ControlOptions): Route[] {
  const existingPhone = (number: string): Phone => {
    if (!world.account(number)) throw new ControlError(404, `There is no phone ${number}.`);
    return phones.phone(number);
  };
  const existingGroup = (id: string): Group => {
    const group = world.groups.group(id);
    if (!group) throw new ControlError(404, `There is no group ${id}.`);
    return group;
  };

  return [
    {
      method: 'POST',
      path: '/phones',
      answer(_, body) {
        const { number, name } = read(newPhone, body);
        return describePhone(phones.phone(number, name));
      },
    },
    {
      method: 'POST',
      path: '/phones/{number}/scan',
      answer: async ([number = ''], body) =>
        describeDevice(await existingPhone(number).scan(read(scan, body).qr)),
    },
    {
      method: 'POST',
      path: '/phones/{number}/enter-code',
      answer: async ([number = ''], body) =>
        describeDevice(await existingPhone(number).enterCode(read(enterCode, body).code)),
    },
    {
      method: 'POST',
      path: '/groups',
      answer(_, body) {
        const { owner, participants, ...settings } = read(newGroup, body);
        const people = participants.map((number) => phones.phone(number));
        const group = phones.phone(owner).createGroup({ ...settings, participants: people });
        return { id: groupAddress(group) };
      },
    },
    { method: 'GET', path: '/groups/{id}', answer: ([id = '']) => describeGroup(existingGroup(id)) },
    {
      method: 'GET',
      path: '/groups/{id}/photo',
      answer([id = '']) {
        const { picture } = existingGroup(id);
        if (!picture) throw new ControlError(404, 'The group has no photo.');
        return picture.jpeg;
      },
    },
    {
      method: 'GET',
      path: '/pictures/{id}/{size}',
      async answer([id = '', size = '']) {
        const isSize = size === 'image' || size === 'preview';
        const picture = isSize ? await servedPicture(world.groups, id, size) : undefined;
        if (!picture) throw new ControlError(404, 'There is no such picture.');
        return picture;
      },
    },
    {
      method: 'POST',
      path: '/faults',
      answer(_, body) {
        // Checked by the book itself.
        faults.add(body as Fault);
        return undefined;
      },
    },
    {
      method: 'DELETE',
      path: '/faults',
      answer() {
        faults.clear();
        return undefined;
      },
    },
  ];
}

const describePhone = ({ number, name, lid }: Phone) => ({ number, name, lid });

const describeDevice = ({ id, account }: Device) => ({ device: id, number: account.number });

function describeGroup(group: Group) {
  const { subject, addressingMode, locked, participants, picture } = group;
  return {
    id: groupAddress(group),
    subject,
    addressingMode,
    locked,
    participants: [...participants].map(([{ number, lid, name }, role]) => ({ number, lid, name, role })),
    picture: picture
      ? {
          id: picture.id,
          width: picture.width,
          height: picture.height,
          bytes: picture.jpeg.length,
          sha256: createHash('sha256').update(picture.jpeg).digest('hex'),
        }
      : null,
  };
}

/** The handler of all HTTP requests that are no WebSocket. */
export function control(options: ControlOptions): RequestListener {
  const routes = routesOf(options);
  return (request, response) => {
    respond(routes, request, response).catch((error: unknown) => {
      const [status, message] = failureOf(error);
      sendJson(response, status, { error: message });
    });
  };
}

async function respond(routes: readonly Route[], request: IncomingMessage, response: ServerResponse) {
  const { pathname = '' } = URL.parse(request.url ?? '/', 'http://127.0.0.1') ?? {};
  const here = routes.filter(({ path }) => partsOf(path, pathname));
  const route = here.find(({ method }) => method === request.method);
  if (here.length > 0 && !route) {
    response.setHeader('Allow', here.map(({ method }) => method).join(', '));
    return sendJson(response, 405, { error: 'This path does not take this HTTP method.' });
  }
  if (!route) throw new ControlError(404, 'There is nothing at this path.');
  const body = route.method === 'POST' ? await readJson(request) : undefined;
  const answer = await route.answer(partsOf(route.path, pathname) ?? [], body);
  if (answer === undefined) response.writeHead(204).end();
  else if (answer instanceof Buffer) response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(answer);
  else sendJson(response, 200, answer);
}

/** What stands for the names in `path`; `undefined` when this is another path. */
function partsOf(path: string, pathname: string): string[] | undefined {
  const pattern = new RegExp(`^${path.replace(/\{\w+\}/g, '([^/]+)')}/?$`);
  return pattern.exec(pathname)?.slice(1).map(decodeURIComponent);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  // To the end, whatever its length: whoever is still sending does not read the answer.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= bodyLimitBytes) chunks.push(chunk);
  }
  if (length > bodyLimitBytes) {
    throw new ControlError(413, `The body is larger than ${bodyLimitBytes} bytes.`);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new ControlError(400, 'The body is not JSON.');
  }
}

function failureOf(error: unknown): [status: number, message: string] {
  if (error instanceof ControlError) return [error.status, error.message];
  if (error instanceof PairingError || error instanceof FaultError) return [400, error.message];
  // No phone number, or a path with a broken percent sign.
  if (error instanceof RangeError || error instanceof URIError) return [400, error.message];
  return [500, error instanceof Error ? error.message : String(error)];
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
