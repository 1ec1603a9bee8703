import { readSignalKeys } from '../signal-keys.ts';
import { type IqHandler, StanzaError } from '../stanza.ts';

/** Takes a device's public keys; further one-time keys come beside those that are left. */
export const preKeyUpload: IqHandler = {
  kind: 'pre-key-upload',
  xmlns: 'encrypt',
  type: 'set',
  child: 'registration',
  evidence: 'whatsmeow prekeys.go (uploadPreKeys); Baileys Utils/signal.ts (getNextPreKeysNode)',
  answer: ({ iq, device }) => {
    const uploaded = readSignalKeys(iq);
    if (!uploaded) throw new StanzaError(400);
    const oneTimePreKeys = [...device.keys.oneTimePreKeys, ...uploaded.oneTimePreKeys];
    device.keys = { ...uploaded, oneTimePreKeys };
    return undefined;
  },
};
