import { element, type IqHandler } from '../stanza.ts';

/** How many one-time keys of the device are left; it uploads more when they run low (812 at the first login). */
export const preKeyCount: IqHandler = {
  kind: 'pre-key-count',
  xmlns: 'encrypt',
  type: 'get',
  child: 'count',
  evidence:
    'whatsmeow prekeys.go (getServerPreKeyCount); Baileys Socket/socket.ts waits for it before it opens',
  answer: ({ device, world }) => {
    const value = world.preKeyCount ?? device.keys.oneTimePreKeys.length;
    return [element('count', { value: String(value) })];
  },
};
