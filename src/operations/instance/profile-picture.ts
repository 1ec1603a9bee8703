import { Type } from 'typebox';
import { connectedOperation } from '../../operation.ts';
import { picture, value } from '../fields.ts';
import { pictureErrors } from '../photo-input.ts';

export const profilePicture = connectedOperation({
  name: 'profile-picture',
  section: 'instance',
  method: 'PUT',
  alsoMethods: ['POST'],
  path: '/profile-picture',
  summary: 'Change the picture of the own profile.',
  description:
    'Answers `true` only when WhatsApp confirmed. The picture is prepared as that of a group: turned upright, painted on white where it is transparent, cropped to its central square and sent as a 640×640 JPEG. Z-API takes a URL; Base64 and uploads are ours.',
  input: Type.Object({ value: picture }),
  upload: 'value',
  output: value,
  example: { input: { value: 'https://www.example.com/portrait.jpg' }, output: { value: true } },
  errors: [...pictureErrors, 'picture_refused', 'whatsapp_timeout'],

  async handle({ value }, { whatsapp, readPicture, renderGroupPhoto }) {
    const { jpeg } = await renderGroupPhoto(await readPicture(value));
    await whatsapp.setProfilePhoto(jpeg);
    return { value: true };
  },
});
