import { existingGroup } from '../groups/group-access.ts';
import { type PictureSize, servedPicture } from '../groups/picture-files.ts';
import type { PictureHabits } from '../groups/picture-habits.ts';
import { errorElement } from '../replies.ts';
import { type BinaryNode, childOf, element, type IqHandler, StanzaError } from '../stanza.ts';

const isSize = (type: string | undefined): type is PictureSize => type === 'image' || type === 'preview';

/**
 * `<picture type="preview|image" [id] [invite]/>` → `<picture id type url direct_path/>` of the group in `target`;
 * an empty result when its `id` is the one given. `PictureHabits` may have the bytes in it, and other words for none.
 *
 * Refusals: 404 no picture or no such group, 401 not a member, unless with the group's invite code. People have no
 * pictures here: 404.
 */
export const pictureGet: IqHandler = {
  kind: 'picture-get',
  xmlns: 'w:profile:picture',
  type: 'get',
  evidence: 'Baileys Socket/chats.ts profilePictureUrl; whatsmeow user.go GetProfilePictureInfo',

  async answer(request) {
    const { iq, account, world } = request;
    const { type, id, invite } = childOf(iq, 'picture')?.attrs ?? {};
    if (!isSize(type)) throw new StanzaError(400);
    const group = existingGroup(request, iq.attrs.target);
    if (!group.participants.has(account) && invite !== group.inviteCode) throw new StanzaError(401);
    const { picture } = group;
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
