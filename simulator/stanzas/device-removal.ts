import { type IqHandler, StanzaError } from '../stanza.ts';

/** A device logs itself, or another of its account, out. */
export const deviceRemoval: IqHandler = {
  kind: 'device-removal',
  xmlns: 'md',
  type: 'set',
  child: 'remove-companion-device',
  evidence: 'whatsmeow client.go (Logout); Baileys Socket/socket.ts (logout)',
  answer: ({ child, account, world, afterwards }) => {
    const jid = child?.attrs.jid ?? '';
    const removed = account.devices.get(Number(/:(\d+)@/.exec(jid)?.[1]));
    if (!removed || world.account(jid) !== account) throw new StanzaError(404);
    afterwards(() => world.unlink(removed));
    return undefined;
  },
};
