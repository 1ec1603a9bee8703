import { Type } from 'typebox';
import { instanceOperation } from '../../operation.ts';
import { describedPhoto, describedPhotoExample, describePhoto } from '../described-photo.ts';
import { groupId } from '../fields.ts';

export const groupPhotoHistory = instanceOperation({
  name: 'group-photo-history',
  section: 'group',
  isExtension: true,
  method: 'GET',
  path: '/group-photo/{groupId}/history',
  summary: 'List the photos of a group that this gateway set or saw.',
  description:
    'Newest first; as many as `POMBO_PHOTO_HISTORY` says, 20 when nothing is set. `past-group-photo` gives the bytes of each, `undo-group-photo` goes back to one. A photo that was replaced before it could be fetched is listed, too, with `sha256: null`: its bytes are not kept here. A group that was never seen has an empty list. No phone needs to be connected.',
  input: Type.Object({ groupId }),
  output: Type.Object({ photos: Type.Array(describedPhoto, { description: 'Newest first.' }) }),
  example: {
    input: { groupId: '120363019502650977-group' },
    output: { photos: [describedPhotoExample] },
  },
  errors: [],

  async handle({ groupId }, { groupPhotos }) {
    return { photos: (await groupPhotos.history(groupId)).map(describePhoto) };
  },
});
