import { Type } from 'typebox';
import { connectedOperation } from '../../operation.ts';
import { groupId, picture, value } from '../fields.ts';

export const updateGroupPhoto = connectedOperation({
  name: 'update-group-photo',
  section: 'group',
  method: 'POST',
  alsoMethods: ['PUT'],
  path: '/update-group-photo',
  summary: 'Replace the photo of a group.',
  description:
    'Answers `true` only after WhatsApp confirmed the new photo. Any picture that can be read is turned upright, painted on white where it is transparent, cropped to its central square and sent as a 640×640 JPEG. Changes of one group are made one after another, in the order in which they arrived.',
  input: Type.Object({ groupId, groupPhoto: picture }),
  aliases: { groupId: ['groupID', 'phone'], groupPhoto: ['photo', 'image'] },
  output: value,
  example: {
    input: {
      groupId: '120363019502650977-group',
      groupPhoto: 'https://www.example.com/logo.svg',
    },
    output: { value: true },
  },
  errors: [
    'group_not_found',
    'not_group_admin',
    'not_group_member',
    'picture_refused',
    'picture_too_large',
    'picture_unreadable',
    'picture_url_failed',
    'picture_url_forbidden',
    'picture_url_invalid',
    'picture_url_timeout',
    'whatsapp_timeout',
  ],

  async handle({ groupId, groupPhoto }, { whatsapp, photoTurns, readPicture, renderGroupPhoto }) {
    using turn = photoTurns.take(groupId); // before the picture is fetched: whoever asked first goes first
    const { jpeg } = await renderGroupPhoto(await readPicture(groupPhoto));
    await turn.arrived;
    await whatsapp.setGroupPhoto(groupId, jpeg);
    return { value: true };
  },
});
