import { existingGroup } from '../groups/group-access.ts';
import type { Picture } from '../groups/group-book.ts';
import { type PictureSize, servedPicture } from '../groups/picture-files.ts';
import type { PictureHabits } from '../groups/picture-habits.ts';
import { errorElement } from '../replies.ts';
import { type BinaryNode, childOf, element, type IqHandler, type IqRequest, StanzaError } from '../stanza.ts';

const isSize = (type: string | undefined): type is PictureSize => type === 'image' || type === 'preview';

/**
 * `<picture type="preview|image" [id] [invite]/>` → `<picture id type url direct_path/>` of the group or the person (PN
 * or LID) in `target`; an empty result when its `id` is the one given. `PictureHabits` may have the bytes in it, and
 * other words for none.
 *
 * Refusals: 404 no picture, no such group or person, 401 not a member of the group, unless with its invite code. People
 * show theirs to everyone.
 */
export const pictureGet: IqHandler = {
  kind: 'picture-get',
  xmlns: 'w:profile:picture',
  type: 'get',
  evidence: 'Baileys Socket/chats.ts profilePictureUrl; whatsmeow user.go GetProfilePictureInfo',

  async answer(request) {
    const { iq, world } = request;
    const { type, id, invite } = childOf(iq, 'picture')?.attrs ?? {};
    if (!isSize(type)) throw new StanzaError(400);
    const picture = pictureOf(request, invite);
    const { inline, none } = world.groups.pictureHabits;
    if (!picture) return noPicture(none);
    if (id === picture.id) return undefined;
    if (inline) {
      const bytes = await servedPicture(world.groups, picture.id, type);
      return [element('picture', { id: picture.id, type }, bytes)];
    }
    const path = `/pictures/${picture.id}/${type}`;
    return [
      element('picture', { id: picture.id, type, url: `${world.publicUrl}${path}`, direct_path: path }),
    ];
  },
};

function pictureOf(request: IqRequest, invite: string | undefined): Picture | undefined {
  const { iq, account, world } = request;
  const { target = '' } = iq.attrs;
  if (/@(s\.whatsapp\.net|lid)$/.test(target)) return world.account(target)?.picture;
  const group = existingGroup(request, target);
  if (!group.participants.has(account) && invite !== group.inviteCode) throw new StanzaError(401);
  return group.picture;
}

function noPicture(habit: PictureHabits['none']): BinaryNode[] | undefined {
  const notFound = new StanzaError(404);
  switch (habit) {
    case 'error':
      throw notFound;
    case 'error-in-result':
      return [element('picture', {}, [errorElement(notFound)])];
    case 'status-204':
      return [element('picture', { status: '204' })];
    case 'empty-result':
      return undefined;
  }
}
