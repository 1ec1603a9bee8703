import { readSignedPreKey } from '../signal-keys.ts';
import { childOf, type IqHandler, StanzaError } from '../stanza.ts';

/** Takes a new signed key in place of the old one. */
export const preKeyRotate: IqHandler = {
  kind: 'pre-key-rotate',
  xmlns: 'encrypt',
  type: 'set',
  child: 'rotate',
  evidence: 'Baileys Socket/socket.ts (rotateSignedPreKey)',
  answer: ({ child, device }) => {
    const signedPreKey = readSignedPreKey(childOf(child, 'skey'));
    if (!signedPreKey) throw new StanzaError(400);
    device.keys = { ...device.keys, signedPreKey };
    return undefined;
  },
};
