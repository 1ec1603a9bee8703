import { groupOfEditor } from '../groups/group-access.ts';
import type { Group } from '../groups/group-book.ts';
import { tellMembersOfPicture } from '../groups/group-notification.ts';
import { checkPicture } from '../groups/picture-check.ts';
import { pictureBackoffSeconds } from '../groups/picture-limits.ts';
import { tellContactsOfPicture } from '../profile/picture-notification.ts';
import { bytesOf, childrenOf, element, type IqHandler, type IqRequest, StanzaError } from '../stanza.ts';
import type { Account } from '../world.ts';

/**
 * `<picture type="image">JPEG</picture>` sets the picture of the group in `target`, or one's own without it →
 * `<picture id/>`; no content at all removes it → an empty result, also when there was none.
 *
 * Refusals: 404 no such group, 403 not a member, `notAdminCode` a locked group and no admin, 406 not an acceptable
 * JPEG, 429 too many changes (with `backoff` in seconds).
 */
export const pictureSet: IqHandler = {
  kind: 'picture-set',
  xmlns: 'w:profile:picture',
  type: 'set',
  evidence:
    'Baileys Socket/chats.ts updateProfilePicture, removeProfilePicture; whatsmeow group.go SetGroupPhoto; the id as in Baileys PR 2197',

  async answer(request) {
    const pictured = whoseToChange(request);
    const pictures = childrenOf(request.iq);
    if (pictures.length === 0) return removePicture(request, pictured);

    // Clients of before 2016 sent a preview as well; WhatsApp makes its own.
    const image = pictures.find(({ tag, attrs }) => tag === 'picture' && attrs.type !== 'preview');
    if (!image) throw new StanzaError(400);
    const jpeg = bytesOf(image);
    const size = await checkPicture(jpeg, request.world.groups.pictureLimits);
    refuseWhenTooMany(request, pictured);
    const { id } = request.world.groups.setPicture(pictured, { jpeg, ...size, setBy: request.account });
    tellOfPicture(request, pictured, id);
    return [element('picture', { id })];
  },
};

function whoseToChange(request: IqRequest): Group | Account {
  const { target } = request.iq.attrs;
  if (target === undefined) return request.account;
  // A person as target is refused even when it is oneself (openclaw/wacli PR 198).
  if (!target.endsWith('@g.us')) throw new StanzaError(406);
  return groupOfEditor(request, target);
}

function removePicture(request: IqRequest, pictured: Group | Account): undefined {
  // That nobody is told when there was none to remove is a guess.
  if (!pictured.picture) return;
  refuseWhenTooMany(request, pictured);
  request.world.groups.removePicture(pictured);
  tellOfPicture(request, pictured, undefined);
}

function tellOfPicture(request: IqRequest, pictured: Group | Account, id: string | undefined): void {
  if (pictured === request.account) tellContactsOfPicture(request, id);
  else tellMembersOfPicture(request, pictured as Group, id);
}

function refuseWhenTooMany({ world: { groups } }: IqRequest, pictured: Group | Account): void {
  const seconds = pictureBackoffSeconds(pictured.pictureChanges, groups.pictureLimits.rate, groups.now());
  if (seconds > 0) throw new StanzaError(429, { backoff: String(seconds) });
}
