import { proto } from 'baileys';
import { peerMessage } from '../messages/peer-message.ts';
import type { BinaryNode } from '../stanza.ts';
import type { Device } from '../world.ts';

/** The id of the message that carries the key; its receipt says that the device has it. */
export const keyShareId = ({ account, id }: Device): string => `KEYSHARE${account.number}${id}`;

/**
 * The message in which a phone shares the key of its settings with a linked device.
 * Source: whatsmeow message.go, handleAppStateSyncKeyShare.
 */
export function keyShare(device: Device): BinaryNode {
  const { account } = device;
  const { id, data } = account.appState.key;
  const keyData = {
    keyData: data,
    fingerprint: { rawId: 1, currentIndex: 0, deviceIndexes: [0, device.keyIndex] },
    timestamp: Date.now(),
  };
  return peerMessage(account, keyShareId(device), {
    type: proto.Message.ProtocolMessage.Type.APP_STATE_SYNC_KEY_SHARE,
    appStateSyncKeyShare: { keys: [{ keyId: { keyId: id }, keyData }] },
  });
}
