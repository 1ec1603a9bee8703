import type { IqHandler } from '../stanza.ts';
import { aboutSet, legacyAboutSet } from './about-set.ts';
import { appStatePatch } from './app-state-patch.ts';
import { appStateSync } from './app-state-sync.ts';
import { blocklist } from './blocklist.ts';
import { deviceRemoval } from './device-removal.ts';
import { dirtyClean } from './dirty-clean.ts';
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
import { mediaConnection } from './media-connection.ts';
import { passive } from './passive.ts';
import { pictureGet } from './picture-get.ts';
import { pictureSet } from './picture-set.ts';
import { ping } from './ping.ts';
import { preKeyCount } from './pre-key-count.ts';
import { preKeyDigest } from './pre-key-digest.ts';
import { preKeyFetch } from './pre-key-fetch.ts';
import { preKeyRotate } from './pre-key-rotate.ts';
import { preKeyUpload } from './pre-key-upload.ts';
import { privacy } from './privacy.ts';
import { privacyTokens } from './privacy-tokens.ts';
import { props } from './props.ts';
import { usync } from './usync.ts';
import { xmppPing } from './xmpp-ping.ts';

/** Every request that a logged-in device gets an answer to; the first that fits answers. */
export const handlers: readonly IqHandler[] = [
  preKeyCount,
  preKeyUpload,
  preKeyRotate,
  preKeyDigest,
  preKeyFetch,
  passive,
  props,
  blocklist,
  privacy,
  privacyTokens,
  ping,
  xmppPing,
  usync,
  aboutSet,
  legacyAboutSet,
  appStatePatch,
  appStateSync,
  dirtyClean,
  mediaConnection,
  deviceRemoval,
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
