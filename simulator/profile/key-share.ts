import { proto } from 'baileys';
import { type BinaryNode, element } from '../stanza.ts';
import { unixSeconds } from '../unix-seconds.ts';
import type { Device } from '../world.ts';

/** The id of the message that carries the key; its receipt says that the device has it. */
export const keyShareId = ({ account, id }: Device): string => `KEYSHARE${account.number}${id}`;

/**
 * The message in which a phone shares the key of its settings with a linked device, as `<plaintext>`, which Baileys
 * takes from anyone. Source: whatsmeow message.go, handleAppStateSyncKeyShare.
 */
export function keyShare(device: Device): BinaryNode {
  const { account } = device;
  const { id, data } = account.appState.key;
  const keyData = {
    keyData: data,
    fingerprint: { rawId: 1, currentIndex: 0, deviceIndexes: [0, device.keyIndex] },
    timestamp: Date.now(),
  };
  const message = proto.Message.encode({
    protocolMessage: {
      type: proto.Message.ProtocolMessage.Type.APP_STATE_SYNC_KEY_SHARE,
      appStateSyncKeyShare: { keys: [{ keyId: { keyId: id }, keyData }] },
    },
  }).finish();
  const attributes = {
    from: account.pn,
    category: 'peer',
    type: 'text',
    id: keyShareId(device),
    t: String(unixSeconds()),
  };
  return element('message', attributes, [element('plaintext', {}, message)]);
}
