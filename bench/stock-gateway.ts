/**
 * A gateway as one writes it first, to compare with: Fastify as it comes, and Baileys' own picture call with sharp.
 * Sends `{ qr }` until it is paired, then `{ url }`, where `POST {groupId, groupPhoto}` changes a photo.
 */
import { fastify } from 'fastify';
import { pairedSocket } from './paired-socket.ts';

const [webSocketUrl = '', rootKey = ''] = process.argv.slice(2);
const socket = await pairedSocket(
  { webSocketUrl, rootPublicKey: Buffer.from(rootKey, 'hex') },
  async (qr) => void process.send?.({ qr }),
);
const app = fastify({ bodyLimit: 24 * 2 ** 20 });
app.post<{ Body: { groupId: string; groupPhoto: string } }>('/', async ({ body }) => {
  await socket.updateProfilePicture(body.groupId, Buffer.from(body.groupPhoto, 'base64'));
  return { value: true };
});
const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.on('message', () => process.send?.({ url }));
