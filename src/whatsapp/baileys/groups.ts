import { randomBytes } from 'node:crypto';
import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren } from 'baileys';
import { GatewayError } from '../../errors.ts';
import { type GroupId, type PhoneNumber, type UserId, userIdOfPhone } from '../../ids.ts';
import type { Group } from '../whatsapp.ts';
import { groupFrom, participantsIn } from './group-node.ts';
import { type Query, repeatable } from './query.ts';
import { accountFailure, groupFailure } from './refusal.ts';

const allGroups = '@g.us';

/** One group with its participants. Source: whatsmeow group.go, GetGroupInfo. */
export async function fetchGroup(query: Query, id: GroupId): Promise<Group> {
  const request = groupRequest('get', id, { tag: 'query', attrs: { request: 'interactive' } });
  const answer = await query(request).catch(rethrow(groupFailure));
  return groupFrom(getBinaryNodeChild(answer, 'group')) ?? unreadable('the group');
}

/** All groups that the account takes part in. Source: whatsmeow group.go, GetJoinedGroups. */
export async function fetchGroups(query: Query): Promise<Group[]> {
  const request = groupRequest('get', allGroups, {
    tag: 'participating',
    attrs: {},
    content: [
      { tag: 'participants', attrs: {} },
      { tag: 'description', attrs: {} },
    ],
  });
  const answer = await query(request).catch(rethrow(accountFailure));
  const list = getBinaryNodeChild(answer, 'groups') ?? unreadable('the list of groups');
  return getBinaryNodeChildren(list, 'group').map((node) => groupFrom(node) ?? unreadable('a group'));
}

/** The invite code of a group; WhatsApp gives it to admins only. Source: whatsmeow group.go, GetGroupInviteLink. */
export async function fetchInviteCode(query: Query, id: GroupId): Promise<string> {
  const request = groupRequest('get', id, { tag: 'invite', attrs: {} });
  const answer = await query(request).catch(rethrow(groupFailure));
  return getBinaryNodeChild(answer, 'invite')?.attrs.code ?? unreadable('the invite code');
}

/**
 * Creates a group. `notAdded` are those of `members` whom WhatsApp left out: people may forbid to be added.
 * Source: whatsmeow group.go, CreateGroup.
 */
export async function createGroup(
  query: Query,
  subject: string,
  members: readonly PhoneNumber[],
): Promise<{ group: Group; notAdded: UserId[] }> {
  const wanted = members.map(userIdOfPhone);
  // The subject is an attribute here, and Baileys' encoder takes attributes with an "@" for addresses and rewrites
  // them ("at 9:30@home" loses half its text). Such a subject is set afterwards, when it travels as bytes; until then
  // the group bears it with the fullwidth sign.
  const plainSubject = subject.replaceAll('@', '＠');
  const request = groupRequest('set', allGroups, {
    tag: 'create',
    attrs: { subject: plainSubject, key: randomBytes(16).toString('hex') },
    content: wanted.map((jid) => ({ tag: 'participant', attrs: { jid } })),
  });
  const whenUnknown = 'Look at the list of groups before repeating the request: the group may exist.';
  const answer = await query(request, whenUnknown).catch(rethrow(accountFailure));
  const node = getBinaryNodeChild(answer, 'group');
  const group = groupFrom(node);
  if (!node || !group) {
    throw new GatewayError('whatsapp_timeout', {
      message: `WhatsApp answered without the new group, so the outcome is unknown. ${whenUnknown}`,
    });
  }
  const notAdded = notAddedOf(wanted, node);
  if (subject === plainSubject) return { group, notAdded };
  try {
    await setSubject(query, group.id, subject);
    return { group: { ...group, subject }, notAdded };
  } catch {
    // The group exists: an error would say that it does not, so it is shown under the subject that it bears.
    return { group, notAdded };
  }
}

/** Renames a group. Source: whatsmeow group.go, SetGroupName. */
async function setSubject(query: Query, id: GroupId, subject: string): Promise<void> {
  const request = groupRequest('set', id, { tag: 'subject', attrs: {}, content: Buffer.from(subject) });
  await query(request, repeatable);
}

function notAddedOf(wanted: readonly UserId[], group: BinaryNode): UserId[] {
  const told = participantsIn(group);
  const added = told.flatMap(({ participant, error }) => (error ? [] : [participant]));
  const refused = told.flatMap(({ participant, error }) => (error ? [participant] : []));
  // Where WhatsApp shows people by LID alone, silence about a phone number does not mean that it was left out.
  const allPhonesKnown = added.every(({ phone }) => phone !== undefined);
  return wanted.filter(
    (id) =>
      refused.some(({ phone }) => phone === id) ||
      (allPhonesKnown && !added.some(({ phone }) => phone === id)),
  );
}

const groupRequest = (type: 'get' | 'set', to: string, content: BinaryNode) => ({
  attrs: { to, type, xmlns: 'w:g2' },
  content: [content],
});

const rethrow = (translate: (error: unknown) => unknown) => (error: unknown) => {
  throw translate(error);
};

/** WhatsApp answered, but without the thing it was asked for: better an error than half an answer. */
function unreadable(what: string): never {
  throw new GatewayError('whatsapp_refused', {
    message: `WhatsApp's answer does not contain ${what} in a form that is known here.`,
  });
}
