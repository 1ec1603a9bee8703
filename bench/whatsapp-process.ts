/**
 * The simulated WhatsApp with devices that need not be paired. Sends where it listens; asked with
 * - `{ link: numbers }`: links a device to each of these phones, and sends what the devices remember (see `textOf`);
 * - `{ logins: count }`: sends, once so many more logins are complete, how long they took since the first one dialled.
 */
import { startSimulator } from '../simulator/simulator.ts';
import { answerQuestions } from './answer-questions.ts';
import { linkDevice, textOf } from './linked-device.ts';

type Question = { readonly link: readonly string[] } | { readonly logins: number };

/** The last that Baileys asks for before it is open. */
const lastOfLogin = 'pre-key-digest';
const deadlineMs = 300_000;

const simulator = await startSimulator({ toleratesUnknownRequests: true });

async function answer(question: Question): Promise<unknown> {
  if ('link' in question) return question.link.map((number) => textOf(linkDevice(simulator.world, number)));
  const arrived = (kind: string, more: number) =>
    simulator.requestArrived(kind, simulator.requestCount(kind) + more, deadlineMs);
  const all = arrived(lastOfLogin, question.logins);
  await arrived('upgrade', 1);
  const firstMs = performance.now();
  await all;
  return { tookMs: performance.now() - firstMs };
}

answerQuestions(answer);
process.send?.({
  webSocketUrl: simulator.webSocketUrl,
  controlUrl: simulator.controlUrl,
  rootPublicKey: Buffer.from(simulator.rootPublicKey).toString('hex'),
});
