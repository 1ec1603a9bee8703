import { existingGroup } from '../groups/group-access.ts';
import type { PictureSize } from '../groups/picture-files.ts';
import { childOf, element, type IqHandler, StanzaError } from '../stanza.ts';

const isSize = (type: string | undefined): type is PictureSize => type === 'image' || type === 'preview';

/**
 * `<picture type="preview|image" [id] [invite]/>` → `<picture id type url direct_path/>` of the group in `target`;
 * an empty result when its `id` is the one given.
 *
 * Refusals: 404 no picture or no such group, 401 not a member, unless with the group's invite code. People have no
 * pictures here: 404.
 */
export const pictureGet: IqHandler = {
  kind: 'picture-get',
  xmlns: 'w:profile:picture',
  type: 'get',
  evidence: 'Baileys Socket/chats.ts profilePictureUrl; whatsmeow user.go GetProfilePictureInfo',

  answer(request) {
    const { iq, account, world } = request;
    const { type, id, invite } = childOf(iq, 'picture')?.attrs ?? {};
    if (!isSize(type)) throw new StanzaError(400);
    const group = existingGroup(request, iq.attrs.target);
    if (!group.participants.has(account) && invite !== group.inviteCode) throw new StanzaError(401);
    const { picture } = group;
    if (!picture) throw new StanzaError(404);
    if (id === picture.id) return undefined;
    const path = `/pictures/${picture.id}/${type}`;
    return [
      element('picture', { id: picture.id, type, url: `${world.publicUrl}${path}`, direct_path: path }),
    ];
  },
};
