import type { IqHandler } from '../stanza.ts';

/** Are you there? Every 20 to 30 seconds; with `<ping/>` from Baileys, without from whatsmeow. */
export const ping: IqHandler = {
  kind: 'ping',
  xmlns: 'w:p',
  type: 'get',
  evidence: 'whatsmeow keepalive.go; Baileys Socket/socket.ts (startKeepAliveRequest)',
  answer: () => undefined,
};
