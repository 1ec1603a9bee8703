import type { IqHandler } from '../stanza.ts';
import { groupCreate } from './group-create.ts';
import { groupDescription } from './group-description.ts';
import { groupInvite } from './group-invite.ts';
import { groupInviteSet } from './group-invite-set.ts';
import { groupJoinDecision } from './group-join-decision.ts';
import { groupJoinRequests } from './group-join-requests.ts';
import { groupLeave } from './group-leave.ts';
import { groupParticipants } from './group-participants.ts';
import { groupParticipating } from './group-participating.ts';
import { groupQuery } from './group-query.ts';
import { groupSettings } from './group-settings.ts';
import { groupSubject } from './group-subject.ts';
import { pictureGet } from './picture-get.ts';
import { pictureSet } from './picture-set.ts';

/** All requests about groups and their pictures. */
export const groupHandlers: readonly IqHandler[] = [
  groupCreate,
  groupQuery,
  groupParticipating,
  ...groupParticipants,
  groupSubject,
  groupDescription,
  ...groupSettings,
  groupInvite,
  groupInviteSet,
  groupJoinRequests,
  groupJoinDecision,
  groupLeave,
  pictureSet,
  pictureGet,
];
