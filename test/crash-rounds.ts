/**
 * Kills the gateway again and again at random moments, in the middle of everything that it does, and looks after each
 * restart whether anything was lost: no phone is paired anew, and both sides read what the other writes.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { WAMessageKey } from 'baileys';
import { type BaileysClient, pairClient } from '../simulator/baileys-client.ts';
import type { Phone } from '../simulator/phone.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { makeSignalRepository } from '../src/whatsapp/baileys/signal-repository.ts';
import { spawnGateway, startGatewayProcess } from './gateway-process.ts';
import { ApiInstance, call, createInstance, environmentFor, eventually, temporaryFolder } from './harness.ts';
import { pngOf } from './pictures.ts';

/** What happened, and was found whole again. */
export interface CrashReport {
  kills: number;
  /** Texts that others sent to the instances, each of which was read by its receiver. */
  textsReceived: number;
  /** Texts that the instances sent (to those whose calls they rejected), each of which was read by its receiver. */
  textsSent: number;
  /** Texts that came again because of a kill, and were sent once more. */
  textsAskedForAgain: number;
  photosChanged: number;
  phonesPaired: number;
}

interface Person {
  readonly phone: Phone;
  readonly instance: Pick<ApiInstance, 'id' | 'token'>;
  /** The linked device: another one after a restart would mean that it was paired anew. */
  readonly deviceId: number | undefined;
}

/** How long after the start of the traffic the process is killed, at most. */
const longestLifeMs = 1_500;
/** How long it takes to start at most; some kills come before it has. */
const startMs = 1_200;

/**
 * `random` gives numbers from 0 to 1: the same ones make the same rounds, as far as the machine does. Fails at the
 * first thing that is lost.
 */
export async function crashRounds({
  rounds,
  random,
  onRound = () => {},
}: {
  readonly rounds: number;
  readonly random: () => number;
  readonly onRound?: (round: number, report: CrashReport) => void;
}): Promise<CrashReport> {
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator();
  const env = environmentFor(whatsapp, folder.path);
  await using town = await settle(whatsapp, env);
  for (let round = 1; round <= rounds; round += 1) {
    if (random() < 0.2) await killWhileStarting(env, random() * startMs);
    await using gateway = await startGatewayProcess(env);
    town.moveTo(gateway.url);
    await town.comesBack();
    const isCalmAtFirst = random() < 0.5;
    if (isCalmAtFirst) await town.isWhole(round);
    const ended = Promise.withResolvers<void>();
    const work = town.traffic(random, ended.promise);
    if (!isCalmAtFirst) work.push(town.isWhole(round));
    const broken = Promise.allSettled(work);
    await pause(random() * longestLifeMs);
    await gateway.end('SIGKILL');
    town.wasKilled();
    ended.resolve();
    await broken; // whatever was under way broke off
    town.report.kills += 1;
    onRound(round, town.report);
  }
  await using gateway = await startGatewayProcess(env);
  town.moveTo(gateway.url);
  await town.comesBack();
  await town.isWhole(rounds + 1);
  await town.hasLostNothing();
  return town.report;
}

async function killWhileStarting(env: Record<string, string>, afterMs: number): Promise<void> {
  const { child, listening } = spawnGateway(env);
  const exited = once(child, 'exit');
  listening.catch(() => undefined); // killed, as it is to be
  await pause(afterMs);
  child.kill('SIGKILL');
  await exited;
}

async function settle(whatsapp: Simulator, env: Record<string, string>): Promise<Town> {
  await using gateway = await startGatewayProcess(env);
  const paired = async (phone: Phone): Promise<Person> => {
    const api = await createInstance(gateway.url, phone.name);
    await api.pair(phone);
    for (const setting of ['update-auto-read-message', 'update-call-reject-auto'])
      await api.post(`/${setting}`, { value: true });
    return { phone, instance: api, deviceId: phone.devices[0]?.id };
  };
  const ana = await paired(whatsapp.phone('5511999990001', 'Ana'));
  const bruno = await paired(whatsapp.phone('5511999990002', 'Bruno'));
  const carla = whatsapp.phone('5511999990003', 'Carla');
  const { id } = whatsapp.createGroup({ subject: 'Equipe', owner: ana.phone, participants: [bruno.phone] });
  // Baileys' own loses messages when it reads and writes at the same time, without any crash.
  const client = await pairClient(whatsapp, carla, { makeSignalRepository });
  await gateway.end('SIGTERM');
  return new Town({
    people: [ana, bruno],
    carla,
    client,
    diego: whatsapp.phone('5511999990004', 'Diego'),
    groupId: id,
  });
}

interface TownOptions {
  /** Those whose phones are paired with the gateway. */
  readonly people: readonly [Person, Person];
  /** Somebody else, and a client of hers that is never killed. */
  readonly carla: Phone;
  readonly client: BaileysClient;
  /** Somebody who pairs, again and again. */
  readonly diego: Phone;
  readonly groupId: string;
}

/** The people, what they do while the gateway lives, and what they expect of it when it is back. */
class Town implements AsyncDisposable {
  readonly report: CrashReport = {
    kills: 0,
    textsReceived: 0,
    textsSent: 0,
    textsAskedForAgain: 0,
    photosChanged: 0,
    phonesPaired: 0,
  };
  readonly #options: TownOptions;
  /** What Carla wrote, and to whom. */
  readonly #written = new Map<string, Person>();
  #url = '';
  #killed = Promise.withResolvers<never>();
  #pairing: ApiInstance | undefined;
  #colour = 0;

  constructor(options: TownOptions) {
    this.#options = options;
  }

  moveTo(url: string): void {
    this.#url = url;
    this.#killed = Promise.withResolvers();
    this.#killed.promise.catch(() => undefined); // perhaps nobody waits for anything
  }

  /** Nobody goes on waiting for a process that is no more. */
  wasKilled(): void {
    this.#killed.reject(new Error('The gateway was killed.'));
  }

  /** Every phone that was paired is there again, as the device that it was. */
  async comesBack(): Promise<void> {
    const { people, diego } = this.#options;
    for (const { phone, instance, deviceId } of people) {
      await this.#api(instance).connected();
      assert.deepEqual(
        phone.devices.map(({ id }) => id),
        [deviceId],
        `${phone.name} was paired anew`,
      );
    }
    await this.#isDiegoBack(diego);
  }

  async #isDiegoBack(diego: Phone): Promise<void> {
    const api = this.#pairing && this.#api(this.#pairing);
    if (!api) return;
    // What WhatsApp has linked is linked here; what it has not can be paired.
    if (diego.devices.length > 0) {
      await api.connected();
      assert.equal(diego.devices.length, 1);
      this.report.phonesPaired += 1;
    }
    const { status } = await call(api.url, { method: 'DELETE' });
    assert.equal(status, 200);
    assert.deepEqual(diego.devices, []);
    this.#pairing = undefined;
  }

  /** Messages, answers and photos go through, in both directions. */
  async isWhole(round: number): Promise<void> {
    const [ana, bruno] = this.#options.people;
    const answer = `No calls, please (${round})`;
    for (const { instance } of [ana, bruno])
      await this.#api(instance).post('/update-call-reject-message', { value: answer });
    // Until each of them is over, also when one has failed: none may go on in the life of the next process.
    const results = await Promise.allSettled([
      this.#writesAndReads(ana, answer),
      this.#writesAndReads(bruno, answer),
      this.#isReadBy(ana, bruno),
      this.#isReadBy(bruno, ana),
      this.#changePhoto(),
    ]);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  /** What was written in the middle of a kill was read, then or later. */
  async hasLostNothing(): Promise<void> {
    const { carla } = this.#options;
    for (const [id, { phone }] of this.#written) {
      const receipts = () =>
        carla.receipts.filter((receipt) => receipt.id === id && receipt.by === phone.account);
      await eventually(`${phone.name} has ${id}`, () =>
        receipts().some(({ type }) => type !== 'retry'),
      ).catch((cause) => {
        const told = JSON.stringify(receipts().map(({ type, device }) => [type, device]));
        throw new Error(`${phone.name} has not read ${id}: ${told}`, { cause });
      });
      if (receipts().some(({ type }) => type === 'retry')) this.report.textsAskedForAgain += 1;
      this.report.textsReceived += 1;
    }
  }

  /** Everything at once, until the process is killed. */
  traffic(random: () => number, end: Promise<void>): Promise<void>[] {
    let goesOn = true;
    void end.then(() => {
      goesOn = false;
    });
    const again = async (work: () => Promise<unknown>) => {
      while (goesOn) {
        await work().catch(() => undefined);
        await pause(5 + random() * 30);
      }
    };
    const [ana, bruno] = this.#options.people;
    return [
      again(() => this.#write(random() < 0.5 ? ana : bruno, 'in the middle of it')),
      again(() => this.#changePhoto()),
      this.#pair(random).catch(() => undefined),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#options.client[Symbol.asyncDispose]();
  }

  /** What is waited for, unless the gateway is killed; with what was seen when it does not come: it is hard to repeat. */
  async #seen<Value>(work: Promise<Value>, what: () => string): Promise<Value> {
    try {
      return await Promise.race([work, this.#killed.promise]);
    } catch (cause) {
      throw new Error(what(), { cause });
    }
  }

  #api({ id, token }: Pick<ApiInstance, 'id' | 'token'>): ApiInstance {
    return new ApiInstance({ id, token, gatewayUrl: this.#url });
  }

  async #write(person: Person, text: string): Promise<string> {
    const id = await this.#options.client.say(person.phone.lid, text);
    this.#written.set(id, person);
    return id;
  }

  /** Carla's text is read, and her client can read the answer to her call. */
  async #writesAndReads(person: Person, answer: string): Promise<void> {
    const { carla, client } = this.#options;
    const id = await this.#write(person, 'Are you there?');
    await this.#seen(
      carla.receipt((receipt) => receipt.id === id && receipt.type === 'read'),
      () => {
        const receipts = carla.receipts.filter((receipt) => receipt.id === id);
        return `${person.phone.name} did not read ${id}: ${JSON.stringify(receipts.map(({ type }) => type))}`;
      },
    );

    await this.#seen(carla.call(person.phone).ended, () => `${person.phone.name} did not decline a call`);
    const from = new Set([person.phone.lid, person.phone.account.pn]);
    const isFrom = ({ remoteJid, remoteJidAlt }: WAMessageKey) =>
      from.has(remoteJid ?? '') || from.has(remoteJidAlt ?? '');
    await this.#seen(
      client.event('messages.upsert', ({ messages }) =>
        messages.some(({ key, message }) => isFrom(key) && JSON.stringify(message ?? '').includes(answer)),
      ),
      () => {
        const written = carla.inbox.filter((message) => message.from === person.phone.account);
        const read = client
          .events('messages.upsert')
          .flatMap(({ messages }) => messages.filter(({ key }) => isFrom(key)));
        const last = (list: readonly unknown[]) => JSON.stringify(list.slice(-3));
        return `${person.phone.name} did not answer "${answer}". Last written: ${last(written.map(({ id }) => id))}, last read: ${last(read.map(({ key, message, messageStubParameters }) => [key.id, message?.conversation, messageStubParameters]))}`;
      },
    );
    this.report.textsSent += 1;
  }

  /** Both are on the gateway: the one calls and is written to by the other, which its instance reads. */
  async #isReadBy(writer: Person, reader: Person): Promise<void> {
    const before = new Set(reader.phone.inbox.map(({ id }) => id));
    await this.#seen(
      reader.phone.call(writer.phone).ended,
      () => `${writer.phone.name} did not decline a call`,
    );
    const isNew = ({ id, from }: { id: string; from: unknown }) =>
      from === writer.phone.account && !before.has(id);
    const { id } = await this.#seen(
      reader.phone.message(isNew),
      () => `${writer.phone.name} did not write to ${reader.phone.name}`,
    );
    await this.#seen(
      writer.phone.receipt((receipt) => receipt.id === id && receipt.type === 'read'),
      () => {
        const receipts = writer.phone.receipts.filter((receipt) => receipt.id === id);
        return `${reader.phone.name} did not read ${writer.phone.name}'s ${id}: ${JSON.stringify(receipts.map(({ type }) => type))}`;
      },
    );
    this.report.textsSent += 1;
  }

  async #changePhoto(): Promise<void> {
    const { people, groupId } = this.#options;
    this.#colour = (this.#colour + 1) % 256;
    const groupPhoto = await pngOf(`rgb(${this.#colour}, 0, ${255 - this.#colour})`);
    const { status, body } = await this.#api(people[0].instance).post('/update-group-photo', {
      groupId,
      groupPhoto,
    });
    assert.deepEqual([status, body], [200, { value: true }]);
    this.report.photosChanged += 1;
  }

  async #pair(random: () => number): Promise<void> {
    const api = await createInstance(this.#url, 'Diego');
    this.#pairing = api;
    const { body } = await api.get('/qr-code');
    await pause(random() * 300);
    await this.#options.diego.scan(body.value);
  }
}
