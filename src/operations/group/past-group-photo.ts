import { Type } from 'typebox';
import { GatewayError } from '../../errors.ts';
import { instanceOperation, photoFile } from '../../operation.ts';
import { groupId, pictureId } from '../fields.ts';

export const pastGroupPhoto = instanceOperation({
  name: 'past-group-photo',
  section: 'group',
  isExtension: true,
  method: 'GET',
  path: '/group-photo/{groupId}/history/{photoId}',
  summary: "Get a photo of a group's history.",
  description:
    'The picture itself. Those that the history lists with `sha256: null` are not kept. No phone needs to be connected.',
  input: Type.Object({ groupId, photoId: pictureId }),
  output: photoFile,
  example: {
    input: { groupId: '120363019502650977-group', photoId: '1785585600' },
  },
  errors: ['group_photo_not_found'],

  async handle({ groupId, photoId }, { groupPhotos }) {
    const jpeg = await groupPhotos.past(groupId, photoId);
    if (!jpeg) {
      throw new GatewayError('group_photo_not_found', {
        message: `The bytes of the photo ${photoId.slice(0, 64)} of this group are not kept here; photos whose bytes are have their sha256 in group-photo/{groupId}/history.`,
      });
    }
    return { id: photoId, read: async () => jpeg };
  },
});
