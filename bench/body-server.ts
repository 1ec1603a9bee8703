/**
 * Takes pictures as Base64 in JSON and answers with their number of bytes: `pombo` as the gateway does it, `fastify`
 * as one writes it first. Sends its URL; asked anything, the longest round of its event loop since.
 */
import { fastify } from 'fastify';
import { pino } from 'pino';
import { Type } from 'typebox';
import { startHttp } from '../src/http/server.ts';
import { ByteBudget } from '../src/media/byte-budget.ts';
import { limits } from '../src/media/limits.ts';
import { createPictureReader } from '../src/media/read-picture.ts';
import { instanceOperation } from '../src/operation.ts';
import { picture } from '../src/operations/fields.ts';
import { openServices } from '../test/services.ts';

const bodyBytes = 24 * 2 ** 20;

async function startPombo(): Promise<string> {
  const { services, known } = await openServices();
  const { readPicture } = createPictureReader({
    allow: [],
    userAgent: 'bench',
    budget: new ByteBudget(limits.heldBytes),
  });
  const countBytes = instanceOperation({
    name: 'count-bytes',
    section: 'group',
    method: 'POST',
    path: '/count-bytes',
    summary: 'Count the bytes of a picture.',
    input: Type.Object({ groupPhoto: picture }),
    upload: 'groupPhoto',
    output: Type.Object({ bytes: Type.Integer() }),
    example: { input: { groupPhoto: 'AAAA' }, output: { bytes: 3 } },
    errors: [],
    handle: async (input, context) => ({ bytes: (await context.readPicture(input.groupPhoto)).length }),
  });
  const { url } = await startHttp({
    operations: [countBytes],
    services: { ...services, account: { ...services.account, asksForClientToken: false }, readPicture },
    host: '127.0.0.1',
    port: 0,
    logger: pino({ enabled: false }),
    graceMs: 0,
  });
  return `${url}/instances/${known.instanceId}/token/${known.instanceToken}/count-bytes`;
}

async function startFastify(): Promise<string> {
  const app = fastify({ bodyLimit: bodyBytes });
  app.post<{ Body: { groupPhoto: string } }>('/count-bytes', async ({ body }) => ({
    bytes: Buffer.from(body.groupPhoto, 'base64').length,
  }));
  return `${await app.listen({ host: '127.0.0.1', port: 0 })}/count-bytes`;
}

const url = await (process.argv[2] === 'pombo' ? startPombo() : startFastify());

let longestMs = 0;
let lastMs = performance.now();
/** Each round of the event loop passes here once: what lies between two of them was done in one go. */
function look(): void {
  const nowMs = performance.now();
  longestMs = Math.max(longestMs, nowMs - lastMs);
  lastMs = nowMs;
  if (isLooking) setImmediate(look);
}
let isLooking = false;

process.on('message', (message) => {
  isLooking = message === 'look';
  process.send?.({ longestMs });
  longestMs = 0;
  lastMs = performance.now();
  if (isLooking) setImmediate(look);
});
process.send?.({ url });
