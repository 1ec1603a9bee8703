import { randomInt } from 'node:crypto';
import { element, type IqRequest } from '../stanza.ts';

/**
 * Tells of another picture of the requesting account (`id`), or of its removal (none): its other devices by
 * `<notification type="account_sync"><picture/></notification>`, its contacts, who are here all those that it shares a
 * group with, by `<notification type="picture"><set|delete jid [id]/></notification>` in its name.
 * Source: whatsmeow notification.go, handleAccountSyncNotification and handlePictureNotification.
 */
export function tellContactsOfPicture(
  { account, device, world, notify, afterwards }: IqRequest,
  id: string | undefined,
): void {
  const basics = () => ({ from: account.pn, id: String(randomInt(2 ** 47)), t: String(world.groups.now()) });
  afterwards(() => {
    for (const other of account.devices.values()) {
      if (other === device) continue;
      world.deliver(
        other,
        element('notification', { ...basics(), type: 'account_sync' }, [element('picture')]),
      );
    }
  });
  const contacts = new Set(
    [...world.groups.all].flatMap(({ participants }) =>
      participants.has(account) ? [...participants.keys()] : [],
    ),
  );
  contacts.delete(account);
  const change = element(id === undefined ? 'delete' : 'set', { jid: account.pn, id });
  const attributes = { ...basics(), type: 'picture', notify: account.name };
  notify([...contacts], element('notification', attributes, [change]));
}
