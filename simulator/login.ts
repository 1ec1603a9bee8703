/**
 * Lets a linked device in: `success`, then what waited for it.
 * Sources: whatsmeow connectionevents.go, Baileys Socket/socket.ts (CB:success, CB:failure) and Socket/chats.ts.
 */
import { deflateSync } from 'node:zlib';
import { proto } from 'baileys';
import { deviceAddress } from './addresses.ts';
import type { LoginFault } from './faults.ts';
import { peerMessage } from './messages/peer-message.ts';
import { keyShare } from './profile/key-share.ts';
import { serverJid } from './replies.ts';
import { type BinaryNode, element } from './stanza.ts';
import { unixSeconds } from './unix-seconds.ts';
import type { Connection, Introduction } from './wire/connection.ts';
import type { Device, World } from './world.ts';

/** The device that this login names, if it is linked and the connection has its key. */
export function deviceLoggingIn(world: World, { payload, noiseKey }: Introduction): Device | undefined {
  const device = world.account(String(payload.username))?.devices.get(payload.device ?? 0);
  return device?.noiseKey.equals(noiseKey) ? device : undefined;
}

/** Whether a client says that it is a version of WhatsApp Web that is not let in any more. */
export const isOutdated = ({ oldestWebRevision = 0 }: World, { payload }: Introduction): boolean =>
  (payload.userAgent?.appVersion?.tertiary ?? 0) < oldestWebRevision;

/** WhatsApp's answer to a client that is too old. */
export const outdatedClient = (): BinaryNode => element('failure', { reason: '405' });

/** WhatsApp's answer to a device that it does not know, or no longer. */
export const unknownDevice = (): BinaryNode => element('failure', { reason: '401' });

/**
 * Puts the device online on this connection; an older connection of the same device has to go. What waited for it comes
 * at once, or `backlogDelayMs` later.
 */
export function logIn(
  device: Device,
  connection: Connection,
  { backlogDelayMs }: { readonly backlogDelayMs: number | undefined },
): void {
  device.link?.end(element('stream:error', {}, [element('conflict', { type: 'replaced' })]));
  device.link = connection;
  connection.send(
    element('success', {
      t: String(unixSeconds()),
      props: '27',
      location: 'sim',
      // Without it Baileys forgets its own LID.
      lid: deviceAddress(device.account.lid, device.id),
    }),
  );
  const sendBacklog = (stanza: BinaryNode) =>
    backlogDelayMs === undefined ? connection.send(stanza) : connection.sendLater(stanza, backlogDelayMs);
  const waiting = device.queue;
  if (waiting.length > 0) sendBacklog(offlinePreview(waiting));
  for (const stanza of waiting) {
    sendBacklog({ ...stanza, attrs: { ...stanza.attrs, offline: '0' } });
  }
  sendBacklog(element('ib', { from: serverJid }, [element('offline', { count: String(waiting.length) })]));
  // After <offline>: only then does Baileys look out for history.
  if (device.awaitsHistory) connection.send(initialHistory(device));
  if (device.account.appState.owesKeyTo(device)) connection.send(keyShare(device));
}

/** Does to a login what a fault says. */
export function disturbLogin(fault: LoginFault, connection: Connection): void {
  if ('failure' in fault) {
    connection.end(element('failure', { reason: String(fault.failure), ...fault.attributes }));
  } else if ('streamError' in fault) {
    connection.end(element('stream:error', { code: fault.streamError }));
  } else if ('close' in fault) {
    connection.terminate();
  }
}

/** The id of the message that carries the history; its receipt says that the device has it. */
export const historyId = (device: Device): string => `HISTORY${device.account.number}${device.id}`;

function offlinePreview(waiting: readonly BinaryNode[]): BinaryNode {
  const count = (tag: string) => String(waiting.filter((stanza) => stanza.tag === tag).length);
  const counts = {
    count: String(waiting.length),
    message: count('message'),
    notification: count('notification'),
    receipt: count('receipt'),
    appdata: '0',
  };
  return element('ib', { from: serverJid }, [element('offline_preview', counts)]);
}

/**
 * The history that a phone sends to a new companion: an empty one. Baileys holds its events back for 20 s after the
 * first login unless some history comes.
 */
function initialHistory(device: Device): BinaryNode {
  const { account } = device;
  const { HistorySyncType } = proto.HistorySync;
  const history = proto.HistorySync.encode({
    syncType: HistorySyncType.INITIAL_BOOTSTRAP,
    progress: 100,
    chunkOrder: 0,
    pushnames: [{ id: account.pn, pushname: account.name }],
    phoneNumberToLidMappings: [{ pnJid: account.pn, lidJid: account.lid }],
  }).finish();
  return peerMessage(account, historyId(device), {
    type: proto.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION,
    historySyncNotification: {
      syncType: HistorySyncType.INITIAL_BOOTSTRAP,
      progress: 100,
      chunkOrder: 0,
      initialHistBootstrapInlinePayload: deflateSync(history),
    },
  });
}
