/** Those that are measured beside each other, each in a process of its own. */
import { type Program, startProgram } from './child-process.ts';
import { type Gateway, type GatewayOptions, startGateway } from './gateway.ts';
import type { WhatsAppOfMany } from './simulated-whatsapp.ts';

/** A gateway whose instances have all logged in, and how long that took since the first one dialled. */
export async function connectedGateway(
  { whatsapp, ...options }: GatewayOptions & { readonly whatsapp: WhatsAppOfMany },
  count: number,
): Promise<{ gateway: Gateway; tookMs: number }> {
  const logins = count > 0 ? whatsapp.logins(count) : Promise.resolve({ tookMs: 0 });
  const gateway = await startGateway({ whatsapp, ...options });
  try {
    return { gateway, ...(await logins) };
  } catch (error) {
    await gateway[Symbol.asyncDispose]();
    throw error;
  }
}

/** See `stock-sockets.ts`. */
export const startStock = (whatsapp: WhatsAppOfMany): Promise<Program<object>> =>
  startProgram('./stock-sockets.ts', {
    args: [whatsapp.webSocketUrl, whatsapp.rootPublicKey.toString('hex'), whatsapp.controlUrl],
  });
