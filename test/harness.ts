/**
 * What journeys and contracts start from: the real gateway and the simulated WhatsApp in one process, on loopback and
 * in a temporary folder, and people who use them.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Phone } from '../simulator/phone.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../simulator/simulator.ts';
import { readConfig } from '../src/config.ts';
import { type Gateway, startGateway } from '../src/gateway.ts';
import { assertDeclared } from './declared-answers.ts';

export const clientToken = 'Fc1ient0000000000000000000000000S';
export const partnerToken = 'partner-token-of-the-tests';

/** An answer of the API, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at the body's members by name
  readonly body: any;
}

/** Calls the API as any program would; `body` goes as JSON. The answer has to stand in the reference. */
export async function call(
  url: string,
  {
    method = 'GET',
    body,
    headers,
  }: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      'client-token': clientToken,
      authorization: `Bearer ${partnerToken}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  const { status, headers: answered } = response;
  const answer = { status, headers: answered, body: isJson ? JSON.parse(text) : text };
  assertDeclared({ method, url }, answer);
  return answer;
}

/** One instance, as its owner uses it. */
export class ApiInstance {
  readonly id: string;
  readonly token: string;
  readonly gatewayUrl: string;

  constructor({ id, token, gatewayUrl }: { id: string; token: string; gatewayUrl: string }) {
    this.id = id;
    this.token = token;
    this.gatewayUrl = gatewayUrl;
  }

  get url(): string {
    return `${this.gatewayUrl}/instances/${this.id}/token/${this.token}`;
  }

  get(path: string, headers?: Record<string, string>): Promise<Answer> {
    return call(`${this.url}${path}`, headers && { headers });
  }

  delete(path: string, headers?: Record<string, string>): Promise<Answer> {
    return call(`${this.url}${path}`, { method: 'DELETE', ...(headers && { headers }) });
  }

  /** Sends a request as it is, with nothing but the client token added: for files. */
  async send(path: string, { headers, ...request }: RequestInit = {}): Promise<Response> {
    const url = `${this.url}${path}`;
    const response = await fetch(url, { ...request, headers: { 'client-token': clientToken, ...headers } });
    assertDeclared(
      { method: request.method ?? 'GET', url },
      { status: response.status, headers: response.headers },
    );
    return response;
  }

  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer> {
    return call(`${this.url}${path}`, { method: 'POST', body, ...(headers && { headers }) });
  }

  /** Pairs `phone` by the QR code that the API gives; resolves once the instance is connected. */
  async pair(phone: Phone): Promise<void> {
    const { body } = await this.get('/qr-code');
    await phone.scan(body.value);
    await this.connected();
  }

  /** Resolves once `/status` says connected. */
  async connected(): Promise<void> {
    await eventually('the instance is connected', async () => (await this.get('/status')).body.connected);
  }
}

/** Creates an instance over the API. */
export async function createInstance(gatewayUrl: string, name = 'Test'): Promise<ApiInstance> {
  const { status, body } = await call(`${gatewayUrl}/instances/integrator/on-demand`, {
    method: 'POST',
    body: { name },
  });
  if (status !== 200) throw new Error(`create-instance answered ${status} ${JSON.stringify(body)}`);
  return new ApiInstance({ ...body, gatewayUrl });
}

/** Resolves when `isSo` gives true; asks again and again, for at most 20 s. */
export async function eventually(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !(await isSo()); ) {
    if (Date.now() > deadline) throw new Error(`Waited for 20 s, but not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A data directory of its own, removed afterwards. */
export async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'pombo-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** The settings of a gateway that talks to this simulator and lives in this folder. */
export function environmentFor(
  whatsapp: Pick<Simulator, 'webSocketUrl' | 'rootPublicKey'>,
  dataDir: string,
): Record<string, string> {
  return {
    PORT: '0',
    HOST: '127.0.0.1',
    POMBO_DATA_DIR: dataDir,
    POMBO_CLIENT_TOKEN: clientToken,
    POMBO_PARTNER_TOKEN: partnerToken,
    POMBO_WHATSAPP_URL: whatsapp.webSocketUrl,
    POMBO_WHATSAPP_ROOT_KEY: Buffer.from(whatsapp.rootPublicKey).toString('hex'),
    LOG_LEVEL: 'silent',
  };
}

export interface World extends AsyncDisposable {
  readonly whatsapp: Simulator;
  readonly gateway: Gateway;
  /** A phone and an instance that is paired with it. */
  person(number: string, name: string): Promise<{ phone: Phone; api: ApiInstance }>;
}

/**
 * A simulator and a gateway. `env` adds settings; requests to WhatsApp time out after `whatsappTimeoutMs` (2 s), and the
 * change of a photo after `photoChangeLimitMs` (20 s).
 */
export async function startWorld({
  env = {},
  simulator = {},
  whatsappTimeoutMs = 2_000,
  photoChangeLimitMs = 20_000,
}: {
  env?: Record<string, string>;
  simulator?: SimulatorOptions;
  whatsappTimeoutMs?: number;
  photoChangeLimitMs?: number;
} = {}): Promise<World> {
  await using parts = new AsyncDisposableStack();
  const folder = parts.use(await temporaryFolder());
  // With keys in stock nothing is uploaded at the first login: Baileys' guard of an upload keeps the process for 30 s.
  const whatsapp = parts.use(await startSimulator({ preKeyCount: 100, ...simulator }));
  const config = readConfig({ ...environmentFor(whatsapp, folder.path), ...env });
  const logger = pino({ level: config.logLevel });
  const gateway = parts.use(await startGateway(config, { logger, whatsappTimeoutMs, photoChangeLimitMs }));
  const owned = parts.move();
  return {
    whatsapp,
    gateway,
    async person(number, name) {
      const phone = whatsapp.phone(number, name);
      const api = await createInstance(gateway.url, name);
      await api.pair(phone);
      return { phone, api };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
