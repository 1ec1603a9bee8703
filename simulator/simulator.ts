/** A WhatsApp on this machine: real clients connect to it over a WebSocket, tests and people hold its phones. */
import type { KeyPair } from 'baileys';
import { control } from './control.ts';
import { type Fault, FaultBook } from './faults.ts';
import { type Group, GroupBook, type GroupBookOptions } from './groups/group-book.ts';
import { acknowledgedKinds } from './messages/acknowledge.ts';
import { registrationRequestKinds } from './pairing/registration.ts';
import { Registrations } from './pairing/registrations.ts';
import type { NewGroupOfPhone, Phone } from './phone.ts';
import { Phones } from './phones.ts';
import { receive } from './reception.ts';
import { RequestLog } from './request-log.ts';
import { handlers } from './stanzas/handlers.ts';
import { simulatorRoot } from './wire/certificate.ts';
import { listen } from './wire/listener.ts';
import { World } from './world.ts';

export interface SimulatorOptions {
  /** Default: any free one. */
  readonly port?: number;
  /** Default: the root that every simulator shares, see `simulatorRoot`. */
  readonly root?: KeyPair;
  /** See `World.preKeyCount`. */
  readonly preKeyCount?: number;
  /** Limits and habits of groups and their pictures. */
  readonly groups?: GroupBookOptions;
  /** What the simulator does not know is always answered with 501; with this it is no failure at the end. */
  readonly toleratesUnknownRequests?: boolean;
}

/** What a test holds. Disposing ends it, and throws if a request came that it does not know, or that it failed at. */
export interface Simulator extends AsyncDisposable {
  /** Where clients connect: `ws://127.0.0.1:…/ws/chat`. */
  readonly webSocketUrl: string;
  /** Where the control and the pictures are: `http://127.0.0.1:…`, see docs/simulator.md. */
  readonly controlUrl: string;
  /** 32 bytes, for the client's trust root (`WA_CERT_DETAILS.PUBLIC_KEY` in Baileys). */
  readonly rootPublicKey: Uint8Array;
  readonly world: World;
  readonly faults: { add(fault: Fault): void; clear(): void };
  /** What came and is not known here, such as `iq get w:mex <query>`. */
  readonly unknownRequests: readonly string[];
  /** See `Phones.phone`. */
  phone(number: string, name?: string): Phone;
  /** See `GroupBook.group`. */
  group(id: string): Group | undefined;
  /** See `Phone.createGroup`. */
  createGroup(newGroup: NewGroupOfPhone & { readonly owner: Phone }): Group;
  /** See `RequestLog`. */
  requestArrived(kind: string, count?: number, deadlineMs?: number): Promise<void>;
  requestCount(kind: string): number;
  /** Breaks off all connections without a word, as a network does. */
  dropConnections(): void;
}

/** Starts a simulator on 127.0.0.1; `await using` ends it. Rejects when the port is taken. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, root = simulatorRoot(), preKeyCount, groups, toleratesUnknownRequests = false } = options;
  const world = new World(new GroupBook(groups));
  world.preKeyCount = preKeyCount;
  const registrations = new Registrations();
  const requests = new RequestLog();
  const faults = new FaultBook([
    ...registrationRequestKinds,
    ...acknowledgedKinds,
    ...handlers.map(({ kind }) => kind),
  ]);
  const phones = new Phones({ world, registrations });
  const errors: unknown[] = [];

  const reception = { world, registrations, handlers, faults, requests };
  const listener = await listen({
    port,
    root,
    faults,
    requests,
    onRequest: control({ world, phones, faults }),
    introduce: (connection, introduction) => receive(reception, connection, introduction),
    onError: (error) => errors.push(error),
  });
  world.publicUrl = `http://127.0.0.1:${listener.port}`;

  return {
    webSocketUrl: `ws://127.0.0.1:${listener.port}/ws/chat`,
    controlUrl: world.publicUrl,
    rootPublicKey: root.public,
    world,
    faults,
    get unknownRequests() {
      return requests.unknown;
    },
    phone: (number, name) => phones.phone(number, name),
    group: (id) => world.groups.group(id),
    createGroup: ({ owner, ...newGroup }) => owner.createGroup(newGroup),
    requestArrived: (kind, count, deadlineMs) => requests.arrived(kind, count, deadlineMs),
    requestCount: (kind) => requests.count(kind),
    dropConnections: () => listener.dropConnections(),
    async [Symbol.asyncDispose]() {
      await listener[Symbol.asyncDispose]();
      if (!toleratesUnknownRequests && requests.unknown.length > 0) {
        errors.push(new Error(`The simulator does not know: ${requests.unknown.join(', ')}`));
      }
      if (errors.length === 1) throw errors[0];
      if (errors.length > 1) throw new AggregateError(errors, errors.map(String).join('; '));
    },
  };
}
