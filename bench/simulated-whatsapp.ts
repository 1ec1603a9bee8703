/** The simulated WhatsApp in a process of its own, steered over its HTTP control. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface SimulatedWhatsApp extends Disposable {
  readonly pid: number;
  readonly webSocketUrl: string;
  readonly rootPublicKey: Buffer;
  /** Makes a phone. */
  phone(number: string): Promise<void>;
  /** Has the phone scan the QR code of a companion. */
  scan(number: string, qr: string): Promise<void>;
  /** Has every request of a kind meet a fault, see docs/simulator.md. */
  fault(fault: Readonly<Record<string, unknown>>): Promise<void>;
  /** Makes a group and gives its address, `…@g.us`. */
  group(owner: string, participants: readonly string[]): Promise<string>;
}

export async function startSimulatedWhatsApp(): Promise<SimulatedWhatsApp> {
  const main = fileURLToPath(new URL('../simulator/main.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [main, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (!child.stdout) throw new Error('The simulator cannot be read.');
  const [line] = await once(child.stdout, 'data');
  const { webSocketUrl, controlUrl, rootPublicKey } = JSON.parse(String(line));
  const post = async (path: string, body: unknown) => {
    const response = await fetch(`${controlUrl}${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    const text = await response.text();
    return (text === '' ? {} : JSON.parse(text)) as { id: string };
  };
  return {
    pid: child.pid ?? 0,
    webSocketUrl,
    rootPublicKey: Buffer.from(rootPublicKey, 'hex'),
    phone: async (number) => void (await post('/phones', { number })),
    scan: async (number, qr) => void (await post(`/phones/${number}/scan`, { qr })),
    fault: async (fault) => void (await post('/faults', fault)),
    group: async (owner, participants) => {
      const { id } = await post('/groups', { subject: 'Bench', owner, participants });
      return id.endsWith('@g.us') ? id : `${id}@g.us`;
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}
