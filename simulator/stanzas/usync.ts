import { type BinaryNode, bytesOf, childOf, childrenOf, element, type IqHandler } from '../stanza.ts';
import { unixSeconds } from '../unix-seconds.ts';
import type { Account, World } from '../world.ts';

/** What is known about an account under each name that a client may ask for; what is not here is left out. */
const protocols: Readonly<Record<string, (account: Account) => BinaryNode>> = {
  devices: (account) => element('devices', {}, [deviceList(account), keyIndexList()]),
  lid: ({ lid }) => element('lid', { val: lid }),
  contact: ({ number }) => element('contact', { type: 'in' }, `+${number}`),
  status: ({ about }) => element('status', {}, about.legacy),
  text_status: ({ about: { current } }) =>
    element('text_status', {
      text: current?.text || undefined,
      ephemeral_duration_sec: current && String(current.durationSeconds),
      last_update_time: String(current?.setAt ?? 0),
    }),
};

/** The answers about many people at once: who is on WhatsApp, under which LID, with which devices. */
export const usync: IqHandler = {
  kind: 'usync',
  xmlns: 'usync',
  type: 'get',
  child: 'usync',
  evidence:
    'whatsmeow user.go (usync); Baileys WAUSync and Socket/socket.ts (executeUSyncQuery); WhatsApp Web, WAWebUsyncTextStatus',
  answer: ({ child, world }) => {
    const asked = childrenOf(childOf(child, 'query')).map(({ tag }) => tag);
    const users = childrenOf(childOf(child, 'list'), 'user').map((user) => userOf(world, user, asked));
    const { sid, mode, context } = child?.attrs ?? {};
    return [
      element('usync', { sid, mode, context, last: 'true', index: '0' }, [
        element(
          'result',
          {},
          asked.map((tag) => element(tag)),
        ),
        element('list', {}, users),
      ]),
    ];
  },
};

/** A user is asked for by JID, or by a number inside `<contact>`. */
function userOf(world: World, user: BinaryNode, asked: readonly string[]): BinaryNode {
  const number = bytesOf(childOf(user, 'contact')).toString().replace(/\D/g, '');
  const account = world.account(user.attrs.jid ?? number);
  const jid = user.attrs.jid ?? account?.pn ?? `${number}@s.whatsapp.net`;
  if (account) {
    return element(
      'user',
      { jid },
      asked.flatMap((tag) => protocols[tag]?.(account) ?? []),
    );
  }
  const contact = asked.includes('contact') ? [element('contact', { type: 'out' })] : [];
  return element('user', { jid }, contact);
}

/** The phone is device 0. A companion needs its key index: Baileys passes over those without. */
const deviceList = ({ devices }: Account) =>
  element('device-list', {}, [
    element('device', { id: '0' }),
    ...[...devices.values()].map(({ id, keyIndex }) =>
      element('device', { id: String(id), 'key-index': String(keyIndex) }),
    ),
  ]);

const keyIndexList = () => element('key-index-list', { ts: String(unixSeconds()) });
