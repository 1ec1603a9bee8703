/**
 * How a group and its people look in a stanza. In a LID group people go by their LID with the phone number beside
 * it, in a PN group the other way round (attributes as Baileys Socket/groups.ts and whatsmeow group.go read them).
 */
import { type BinaryNode, element } from '../stanza.ts';
import type { Account } from '../world.ts';
import type { Description, Group } from './group-book.ts';

/** `1203630…@g.us` */
export const groupAddress = (group: Group): string => `${group.id}@g.us`;

/** The address by which this group knows the account. */
export const addressIn = (group: Group, account: Account): string =>
  group.addressingMode === 'lid' ? account.lid : account.pn;

/** The phone number's address where `addressIn` hides it: in LID groups. */
export const phoneBeside = (group: Group, account: Account): string | undefined =>
  group.addressingMode === 'lid' ? account.pn : undefined;

/**
 * `<participant jid phone_number|lid [type="admin|superadmin"] [error]/>`, for a member or someone who was or may
 * become one.
 */
export function participantNode(group: Group, account: Account, error?: string): BinaryNode {
  const role = group.participants.get(account);
  return element('participant', {
    jid: addressIn(group, account),
    phone_number: phoneBeside(group, account),
    lid: group.addressingMode === 'pn' ? account.lid : undefined,
    type: role === 'member' ? undefined : role,
    error,
  });
}

/** One `<participant/>` for each member. */
export const participantNodes = (group: Group): BinaryNode[] =>
  [...group.participants.keys()].map((account) => participantNode(group, account));

/** `<description id t participant [participant_pn]><body/></description>` */
export function descriptionNode(group: Group, { id, text, by, at }: Description): BinaryNode {
  const author = { participant: addressIn(group, by), participant_pn: phoneBeside(group, by) };
  return element('description', { id, t: String(at), ...author }, [element('body', {}, text)]);
}

/** Who named the group and when: `subject s_t s_o [s_o_pn]`. */
export const subjectAttributes = (group: Group): Record<string, string | undefined> => ({
  subject: group.subject,
  s_t: String(group.subjectSetAt),
  s_o: addressIn(group, group.subjectSetBy),
  s_o_pn: phoneBeside(group, group.subjectSetBy),
});

/**
 * The whole `<group>`. Settings show by their element being there: clients take `<membership_approval_mode>` for on
 * whatever state it holds, so what is off is left out.
 */
export function groupNode(group: Group, participants = participantNodes(group)): BinaryNode {
  const { description, announcement, locked, ephemeralSeconds, membersMayAdd, joinApproval } = group;
  const settings = [
    description && descriptionNode(group, description),
    announcement && element('announcement'),
    locked && element('locked'),
    ephemeralSeconds > 0 && element('ephemeral', { expiration: String(ephemeralSeconds) }),
    element('member_add_mode', {}, membersMayAdd ? 'all_member_add' : 'admin_add'),
    joinApproval && element('membership_approval_mode', {}, [element('group_join', { state: 'on' })]),
  ];
  const attributes = {
    id: group.id,
    ...subjectAttributes(group),
    creation: String(group.creation),
    creator: addressIn(group, group.owner),
    creator_pn: phoneBeside(group, group.owner),
    addressing_mode: group.addressingMode,
    size: String(group.participants.size),
  };
  return element('group', attributes, [...settings.filter((setting) => !!setting), ...participants]);
}
