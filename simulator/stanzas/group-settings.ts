import { groupOfAdmin, groupOfEditor } from '../groups/group-access.ts';
import type { Group } from '../groups/group-book.ts';
import { tellMembers } from '../groups/group-notification.ts';
import { type BinaryNode, bytesOf, childOf, type IqHandler, type IqRequest, StanzaError } from '../stanza.ts';

type Change = (group: Group, asked: BinaryNode) => void;

const changesByAdmins: Readonly<Record<string, Change>> = {
  announcement(group) {
    group.announcement = true;
  },
  not_announcement(group) {
    group.announcement = false;
  },
  locked(group) {
    group.locked = true;
  },
  unlocked(group) {
    group.locked = false;
  },
  /** `<member_add_mode>admin_add|all_member_add</member_add_mode>` */
  member_add_mode(group, asked) {
    group.membersMayAdd = isFirstOf('all_member_add', 'admin_add', bytesOf(asked).toString());
  },
  /** `<membership_approval_mode><group_join state="on|off"/></membership_approval_mode>` */
  membership_approval_mode(group, asked) {
    group.joinApproval = isFirstOf('on', 'off', childOf(asked, 'group_join')?.attrs.state);
  },
};

const changesByEditors: Readonly<Record<string, Change>> = {
  /** `<ephemeral expiration="seconds"/>` */
  ephemeral(group, asked) {
    const seconds = Number(asked.attrs.expiration);
    if (!Number.isInteger(seconds) || seconds <= 0) throw new StanzaError(400);
    group.ephemeralSeconds = seconds;
  },
  not_ephemeral(group) {
    group.ephemeralSeconds = 0;
  },
};

/** One element that names the setting → an empty result. The members are told with the same element. */
export const groupSettings: readonly IqHandler[] = [
  ...Object.entries(changesByAdmins).map(([tag, change]) => settingHandler(tag, change, groupOfAdmin)),
  ...Object.entries(changesByEditors).map(([tag, change]) => settingHandler(tag, change, groupOfEditor)),
];

function settingHandler(child: string, change: Change, allowed: (request: IqRequest) => Group): IqHandler {
  return {
    kind: 'group-settings',
    xmlns: 'w:g2',
    type: 'set',
    child,
    evidence:
      'Baileys Socket/groups.ts groupSettingUpdate, groupMemberAddMode, groupJoinApprovalMode, groupToggleEphemeral; whatsmeow group.go',

    answer(request) {
      const group = allowed(request);
      if (!request.child) throw new StanzaError(400);
      change(group, request.child);
      tellMembers(request, group, request.child);
      return undefined;
    },
  };
}

/** Which of the two words it is; 400 when it is neither. */
function isFirstOf(first: string, second: string, word: string | undefined): boolean {
  if (word !== first && word !== second) throw new StanzaError(400);
  return word === first;
}
