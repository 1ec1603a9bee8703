import { Type } from 'typebox';
import { connectedOperation } from '../../operation.ts';
import { groupId, pictureId } from '../fields.ts';
import { changeErrors } from '../photo-input.ts';

export const undoGroupPhoto = connectedOperation({
  name: 'undo-group-photo',
  section: 'group',
  isExtension: true,
  method: 'POST',
  path: '/group-photo/{groupId}/undo',
  summary: 'Go back to an earlier photo of a group.',
  description:
    'Brings back what the group showed before its present photo, or the photo of its history that `photoId` names. Called again without `photoId`, it goes back one more. A group that had no photo before is left without one. Photos whose bytes are not kept (`sha256: null` in the history) are passed over. A photo that the group shows already is not sent again.',
  input: Type.Object({ groupId, photoId: Type.Optional(pictureId) }),
  takesIdempotencyKey: true,
  output: Type.Object({
    value: Type.Boolean({ description: 'Whether it was done.', examples: [true] }),
    id: Type.Union([
      Type.String({ description: 'The id of the photo that the group shows now.', examples: ['1785585600'] }),
      Type.Null({ description: 'It shows none.' }),
    ]),
  }),
  example: {
    input: { groupId: '120363019502650977-group' },
    output: { value: true, id: '1785585600' },
  },
  errors: [...changeErrors, 'no_earlier_photo', 'picture_refused', 'rate_limited'],

  async handle({ groupId, photoId }, { groupPhotos }) {
    using turn = groupPhotos.takeTurn(groupId);
    await turn.arrived;
    return { value: true, id: (await groupPhotos.undo(groupId, photoId)) ?? null };
  },
});
