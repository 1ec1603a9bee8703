import { chatModificationToAppPatch, type WASocket } from 'baileys';
import type { AppState } from './app-state.ts';
import { unknownName } from './me.ts';

type Socket = Pick<WASocket, 'authState' | 'ev' | 'sendPresenceUpdate'>;

/** The collection that the name of an account is kept in. */
const collection = 'critical_block';

/**
 * Gives the account another name. Resolves only when WhatsApp has taken it.
 *
 * Errors: those of `AppState.change`.
 * Source: Baileys Socket/chats.ts, updateProfileName; whatsmeow appstate/encode.go, BuildSettingPushName.
 */
export async function setPushName(socket: Socket, appState: AppState, name: string): Promise<void> {
  await appState.change(chatModificationToAppPatch({ pushNameSetting: name }, ''));
  keepPushName(socket, name);
}

/** Keeps the name that the account has now, and tells WhatsApp's servers, which put it beside our messages. */
export function keepPushName(socket: Socket, name: string): void {
  const { creds } = socket.authState;
  if (!creds.me || creds.me.name === name) return;
  // Before the event: Baileys would announce the change itself, as a presence without a type, which is "online".
  creds.me = { ...creds.me, name };
  socket.ev.emit('creds.update', { me: creds.me });
  socket.sendPresenceUpdate('unavailable').catch(() => {}); // the next login tells it again
}

/**
 * Looks up the name of an account that did not tell it when it linked us, which only business accounts do. Without one
 * Baileys sends no presence at all.
 */
export function learnPushName(socket: Socket, appState: AppState): void {
  const look = () => {
    const { me, myAppStateKeyId } = socket.authState.creds;
    if (!myAppStateKeyId || (me?.name && me.name !== unknownName)) return;
    appState.refresh(collection).catch(() => {}); // there is another login, or the phone tells us
  };
  socket.ev.on('creds.update', ({ myAppStateKeyId }) => {
    if (myAppStateKeyId) look();
  });
  look();
}
