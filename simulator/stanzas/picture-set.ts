import { groupOfEditor } from '../groups/group-access.ts';
import type { Group } from '../groups/group-book.ts';
import { tellMembersOfPicture } from '../groups/group-notification.ts';
import { checkPicture } from '../groups/picture-check.ts';
import { pictureBackoffSeconds } from '../groups/picture-limits.ts';
import { bytesOf, childrenOf, element, type IqHandler, type IqRequest, StanzaError } from '../stanza.ts';

/**
 * `<picture type="image">JPEG</picture>` sets the picture of the group in `target` → `<picture id/>`; no content at
 * all removes it → an empty result, also when there was none.
 *
 * Refusals: 404 no such group, 403 not a member, `notAdminCode` a locked group and no admin, 406 not an acceptable
 * JPEG, 429 too many changes (with `backoff` in seconds). Own pictures (no `target`) are not simulated: 501.
 */
export const pictureSet: IqHandler = {
  kind: 'picture-set',
  xmlns: 'w:profile:picture',
  type: 'set',
  evidence:
    'Baileys Socket/chats.ts updateProfilePicture, removeProfilePicture; whatsmeow group.go SetGroupPhoto; the id as in Baileys PR 2197',

  async answer(request) {
    const group = groupToChange(request);
    const pictures = childrenOf(request.iq);
    if (pictures.length === 0) return removePicture(request, group);

    // Clients of before 2016 sent a preview as well; WhatsApp makes its own.
    const image = pictures.find(({ tag, attrs }) => tag === 'picture' && attrs.type !== 'preview');
    if (!image) throw new StanzaError(400);
    const jpeg = bytesOf(image);
    const size = await checkPicture(jpeg, request.world.groups.pictureLimits);
    refuseWhenTooMany(request, group);
    const { id } = request.world.groups.setPicture(group, { jpeg, ...size, setBy: request.account });
    tellMembersOfPicture(request, group, id);
    return [element('picture', { id })];
  },
};

function groupToChange(request: IqRequest): Group {
  const { target } = request.iq.attrs;
  if (target === undefined) throw new StanzaError(501);
  // A person as target is refused even when it is oneself (openclaw/wacli PR 198).
  if (!target.endsWith('@g.us')) throw new StanzaError(406);
  return groupOfEditor(request, target);
}

function removePicture(request: IqRequest, group: Group): undefined {
  // That nobody is told when there was none to remove is a guess.
  if (!group.picture) return;
  refuseWhenTooMany(request, group);
  request.world.groups.removePicture(group);
  tellMembersOfPicture(request, group, undefined);
}

function refuseWhenTooMany({ world: { groups } }: IqRequest, group: Group): void {
  const seconds = pictureBackoffSeconds(group.pictureChanges, groups.pictureLimits.rate, groups.now());
  if (seconds > 0) throw new StanzaError(429, { backoff: String(seconds) });
}
