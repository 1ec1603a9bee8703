import { Type } from 'typebox';
import { connectedOperation } from '../../operation.ts';
import { groupId, groupIdAliases, value } from '../fields.ts';
import { changeErrors, force, photoAliases, photoFields, pictureErrors, upload } from '../photo-input.ts';

export const updateGroupPhoto = connectedOperation({
  name: 'update-group-photo',
  section: 'group',
  method: 'POST',
  alsoMethods: ['PUT'],
  path: '/update-group-photo',
  summary: 'Replace the photo of a group.',
  description:
    'Answers `true` only when the group shows the photo: WhatsApp confirmed it, or, where the confirmation was lost, a look at the group did. Any picture that can be read is turned upright, painted on white where it is transparent, cropped to its central square and sent as a 640×640 JPEG. When the group shows exactly this photo already, WhatsApp is not asked to change it. Changes of one group are made one after another, in the order in which they arrived; beyond 16 that wait the answer is `rate_limited`. The fields `fit`, `position`, `background` and `force`, uploads, and the header `Idempotency-Key` are ours and not in Z-API.',
  input: Type.Object({ groupId, ...photoFields, force }),
  aliases: { groupId: groupIdAliases, groupPhoto: photoAliases },
  upload,
  takesIdempotencyKey: true,
  output: value,
  example: {
    input: {
      groupId: '120363019502650977-group',
      groupPhoto: 'https://www.example.com/logo.svg',
    },
    output: { value: true },
  },
  errors: [...changeErrors, ...pictureErrors, 'picture_refused', 'rate_limited'],

  async handle({ groupId, groupPhoto, force, ...options }, { groupPhotos, readPicture, renderGroupPhoto }) {
    using turn = groupPhotos.takeTurn(groupId); // before the picture is fetched: whoever asked first goes first
    const { jpeg } = await renderGroupPhoto(await readPicture(groupPhoto), options);
    await turn.arrived;
    await groupPhotos.set(groupId, jpeg, { force });
    return { value: true };
  },
});
