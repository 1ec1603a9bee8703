/**
 * Plain Baileys sockets with their keys in memory, as they come: what the usual gateways stand on. Sends `{}` when
 * Baileys is loaded; asked with
 * - `{ connect: texts }`: connects these devices (see `deviceFrom`), ten at a time, and sends `{}` when all are online;
 * - `{ pair: numbers }`: pairs one with each of these phones, all at once, and sends the `LoopDelay` meanwhile.
 */
import { makeWASocket, WA_CERT_DETAILS, type WASocket } from 'baileys';
import { pino } from 'pino';
import { newAuth } from '../simulator/baileys-client.ts';
import { answerQuestions } from './answer-questions.ts';
import { deviceFrom } from './linked-device.ts';
import { watchLoopDelay } from './loop-delay.ts';
import { pairedSocket } from './paired-socket.ts';

type Question = { readonly connect: readonly string[] } | { readonly pair: readonly string[] };

const [webSocketUrl = '', rootKey = '', controlUrl = ''] = process.argv.slice(2);
const rootPublicKey = Buffer.from(rootKey, 'hex');
WA_CERT_DETAILS.PUBLIC_KEY = rootPublicKey;
const takeLoopDelay = watchLoopDelay();
/** They stay until the process ends. */
const sockets: WASocket[] = [];

async function connect(text: string): Promise<void> {
  const { creds, preKeys } = deviceFrom(text);
  const auth = newAuth(creds);
  await auth.keys.set({ 'pre-key': preKeys });
  const socket = makeWASocket({ auth, waWebSocketUrl: webSocketUrl, logger: pino({ level: 'silent' }) });
  sockets.push(socket);
  await new Promise<void>((resolve, reject) => {
    socket.ev.on('connection.update', ({ connection, lastDisconnect }) => {
      if (connection === 'open') resolve();
      if (connection === 'close') reject(lastDisconnect?.error ?? new Error('A socket was closed.'));
    });
  });
}

async function scan(number: string, qr: string): Promise<void> {
  const body = JSON.stringify({ qr });
  const response = await fetch(`${controlUrl}/phones/${number}/scan`, { method: 'POST', body });
  if (!response.ok) throw new Error(await response.text());
}

async function answer(question: Question): Promise<unknown> {
  if ('pair' in question) {
    takeLoopDelay(); // of what was before
    const whatsapp = { webSocketUrl, rootPublicKey };
    const all = question.pair.map((number) => pairedSocket(whatsapp, (qr) => scan(number, qr)));
    sockets.push(...(await Promise.all(all)));
    return takeLoopDelay();
  }
  const queue = [...question.connect];
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await connect(next);
  };
  await Promise.all(Array.from({ length: 10 }, work));
  return {};
}

answerQuestions(answer);
process.send?.({});
