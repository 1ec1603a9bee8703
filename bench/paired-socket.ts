/** A plain Baileys socket, paired and online: what the usual gateways stand on. */
import { makeWASocket, WA_CERT_DETAILS, type WASocket } from 'baileys';
import { pino } from 'pino';
import { newAuth } from '../simulator/baileys-client.ts';

/** `scan` is given each QR code until one is scanned. */
export async function pairedSocket(
  whatsapp: { readonly webSocketUrl: string; readonly rootPublicKey: Uint8Array },
  scan: (qr: string) => Promise<void>,
): Promise<WASocket> {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(whatsapp.rootPublicKey);
  const auth = newAuth();
  let isScanned = false;
  for (;;) {
    const socket = makeWASocket({
      auth,
      waWebSocketUrl: whatsapp.webSocketUrl,
      logger: pino({ level: 'silent' }),
      markOnlineOnConnect: false,
    });
    const isOnline = await new Promise<boolean>((resolve, reject) => {
      socket.ev.on('connection.update', ({ connection, qr }) => {
        if (qr && !isScanned) {
          isScanned = true;
          scan(qr).catch(reject);
        }
        if (connection === 'open') resolve(true);
        if (connection === 'close') resolve(false); // WhatsApp asks for a new connection after pairing
      });
      socket.ev.on('creds.update', (changes) => void Object.assign(auth.creds, changes));
    });
    if (isOnline) return socket;
  }
}
