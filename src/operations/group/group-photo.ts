import { Type } from 'typebox';
import { GatewayError } from '../../errors.ts';
import { connectedOperation, photoFile } from '../../operation.ts';
import { groupId } from '../fields.ts';

export const groupPhoto = connectedOperation({
  name: 'group-photo',
  section: 'group',
  isExtension: true,
  method: 'GET',
  path: '/group-photo/{groupId}',
  summary: 'Get the photo that a group shows.',
  description:
    'The picture itself, as WhatsApp keeps it. Its `ETag` is the id of the photo: a request with that in `If-None-Match` is answered with 304 until the photo changes.',
  input: Type.Object({
    groupId,
    size: Type.Enum(['full', 'preview'], {
      default: 'full',
      description: '`full`, as a rule 640×640, or the small `preview`.',
      examples: ['preview'],
    }),
  }),
  output: photoFile,
  example: {
    input: { groupId: '120363019502650977-group', size: 'full' },
  },
  errors: ['group_not_found', 'group_photo_not_found', 'not_group_member', 'overloaded', 'whatsapp_timeout'],

  async handle({ groupId, size }, { groupPhotos }) {
    const shown = await groupPhotos.shown(groupId, size);
    if (!shown) throw new GatewayError('group_photo_not_found');
    return shown;
  },
});
