/** The simulated WhatsApp in a process of its own, steered over its HTTP control. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endWithUs, startProgram } from './child-process.ts';

/** Where it is. */
interface Address {
  readonly webSocketUrl: string;
  readonly rootPublicKey: Buffer;
}

interface Control {
  /** Makes a phone. */
  phone(number: string): Promise<void>;
  /** Has the phone scan the QR code of a companion. */
  scan(number: string, qr: string): Promise<void>;
  /** Has every request of a kind meet a fault, see docs/simulator.md. */
  fault(fault: Readonly<Record<string, unknown>>): Promise<void>;
  /** Makes a group and gives its address, `…@g.us`. */
  group(owner: string, participants: readonly string[]): Promise<string>;
}

export interface SimulatedWhatsApp extends Address, Control, Disposable {
  readonly pid: number;
}

/** One whose phones have linked devices for as many as are asked for. */
export interface WhatsAppOfMany extends SimulatedWhatsApp {
  /** Where its control is. */
  readonly controlUrl: string;
  /** What so many devices remember, linked and never seen since; the same ones each time. See `deviceFrom`. */
  devices(count: number): Promise<readonly string[]>;
  /** Resolves when so many more logins are complete, with the time since the first one of them dialled. */
  logins(count: number): Promise<{ readonly tookMs: number }>;
}

export async function startSimulatedWhatsApp(): Promise<SimulatedWhatsApp> {
  const main = fileURLToPath(new URL('../simulator/main.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [main, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endWithUs(child);
  if (!child.stdout) throw new Error('The simulator cannot be read.');
  const [line] = await once(child.stdout, 'data');
  const greeting: Greeting = JSON.parse(String(line));
  return {
    pid: child.pid ?? 0,
    ...addressIn(greeting),
    ...controlAt(greeting.controlUrl),
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}

export async function startWhatsAppOfMany(): Promise<WhatsAppOfMany> {
  const program = await startProgram<Greeting>('./whatsapp-process.ts');
  const devices: string[] = [];
  return {
    pid: program.pid,
    controlUrl: program.greeting.controlUrl,
    ...addressIn(program.greeting),
    ...controlAt(program.greeting.controlUrl),
    async devices(count) {
      const missing = Array.from({ length: Math.max(0, count - devices.length) }, (_, index) =>
        String(5_511_999_990_001 + devices.length + index),
      );
      if (missing.length > 0) devices.push(...((await program.ask({ link: missing })) as string[]));
      return devices.slice(0, count);
    },
    logins: (count) => program.ask({ logins: count }) as Promise<{ tookMs: number }>,
    [Symbol.dispose]: () => program[Symbol.dispose](),
  };
}

interface Greeting {
  readonly webSocketUrl: string;
  readonly controlUrl: string;
  /** Hex. */
  readonly rootPublicKey: string;
}

const addressIn = ({ webSocketUrl, rootPublicKey }: Greeting): Address => ({
  webSocketUrl,
  rootPublicKey: Buffer.from(rootPublicKey, 'hex'),
});

function controlAt(controlUrl: string): Control {
  const post = async (path: string, body: unknown) => {
    const response = await fetch(`${controlUrl}${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    const text = await response.text();
    return (text === '' ? {} : JSON.parse(text)) as { id: string };
  };
  return {
    phone: async (number) => void (await post('/phones', { number })),
    scan: async (number, qr) => void (await post(`/phones/${number}/scan`, { qr })),
    fault: async (fault) => void (await post('/faults', fault)),
    group: async (owner, participants) => {
      const { id } = await post('/groups', { subject: 'Bench', owner, participants });
      return id.endsWith('@g.us') ? id : `${id}@g.us`;
    },
  };
}
