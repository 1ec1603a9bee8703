import { Type } from 'typebox';
import { GatewayError } from '../../errors.ts';
import { connectedOperation } from '../../operation.ts';
import { describedPhoto, describedPhotoExample, describePhoto } from '../described-photo.ts';
import { groupId } from '../fields.ts';

export const groupPhotoInfo = connectedOperation({
  name: 'group-photo-info',
  section: 'group',
  isExtension: true,
  method: 'GET',
  path: '/group-photo/{groupId}/info',
  summary: 'Read what is known of the photo that a group shows.',
  description: 'Its id, its size and checksum, and, as far as this gateway was told, who set it and when.',
  input: Type.Object({ groupId }),
  output: describedPhoto,
  example: { input: { groupId: '120363019502650977-group' }, output: describedPhotoExample },
  errors: ['group_not_found', 'group_photo_not_found', 'not_group_member', 'overloaded', 'whatsapp_timeout'],

  async handle({ groupId }, { groupPhotos }) {
    const record = await groupPhotos.info(groupId);
    if (!record) throw new GatewayError('group_photo_not_found');
    return describePhoto(record);
  },
});
