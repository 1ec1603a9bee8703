import {
  type BinaryNode,
  getBinaryNodeChild,
  getBinaryNodeChildren,
  getBinaryNodeChildString,
} from 'baileys';
import { type GroupId, parseGroupId, parseUserId, type UserId } from '../../ids.ts';
import type { Group, GroupParticipant } from '../whatsapp.ts';

/**
 * Reads a `<group>` element; `undefined` when it does not carry what a group must have.
 *
 * In `lid` groups people stand under their LID, with the phone number beside it (`phone_number`, `…_pn`); in `pn`
 * groups under their phone number. Owners are given by phone number wherever WhatsApp tells it.
 * Source: whatsmeow group.go, parseGroupNode.
 */
export function groupFrom(node: BinaryNode | undefined): Group | undefined {
  const id = parseGroupId(node?.attrs.id ?? '');
  if (!node || !id) return undefined;
  const { attrs } = node;
  return {
    id,
    subject: attrs.subject ?? '',
    subjectOwner: userFrom(attrs.s_o_pn ?? attrs.s_o),
    subjectTime: secondsFrom(attrs.s_t),
    description: getBinaryNodeChildString(getBinaryNodeChild(node, 'description'), 'body'),
    owner: userFrom(attrs.creator_pn ?? attrs.creator),
    creation: secondsFrom(attrs.creation),
    participants: participantsIn(node).flatMap(({ participant, error }) => (error ? [] : [participant])),
    announcement: has(node, 'announcement'),
    locked: has(node, 'locked'),
    joinApproval: joinApprovalIn(node),
    communityId: communityIn(node),
    isCommunityAnnounce: has(node, 'default_sub_group'),
  };
}

/** The participants in a `<group>`; `error` is the code with which WhatsApp refused to add one. */
export function participantsIn(
  group: BinaryNode,
): { participant: GroupParticipant; error: string | undefined }[] {
  return getBinaryNodeChildren(group, 'participant').flatMap(({ attrs }) => {
    const id = userFrom(attrs.jid);
    if (!id) return [];
    const phone = id.endsWith('@lid') ? userFrom(attrs.phone_number) : id;
    const role = attrs.type === 'admin' || attrs.type === 'superadmin' ? attrs.type : 'member';
    // Some servers write "200" for those who were added, WhatsApp's own write nothing.
    return [{ participant: { id, phone, role }, error: attrs.error === '200' ? undefined : attrs.error }];
  });
}

const userFrom = (jid: string | undefined): UserId | undefined =>
  jid === undefined ? undefined : parseUserId(jid);

const secondsFrom = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;

const has = (node: BinaryNode, tag: string): boolean => getBinaryNodeChild(node, tag) !== undefined;

function joinApprovalIn(group: BinaryNode): boolean {
  const mode = getBinaryNodeChild(group, 'membership_approval_mode');
  // The element may be there to say "off".
  return mode !== undefined && getBinaryNodeChild(mode, 'group_join')?.attrs.state !== 'off';
}

function communityIn(group: BinaryNode): GroupId | undefined {
  const parent = getBinaryNodeChild(group, 'linked_parent')?.attrs.jid;
  return parent === undefined ? undefined : parseGroupId(parent);
}
