import { Type } from 'typebox';
import { connectedOperation } from '../../operation.ts';
import { groupId, value } from '../fields.ts';
import { changeErrors } from '../photo-input.ts';

export const removeGroupPhoto = connectedOperation({
  name: 'remove-group-photo',
  section: 'group',
  isExtension: true,
  method: 'DELETE',
  path: '/group-photo/{groupId}',
  summary: 'Remove the photo of a group.',
  description:
    'Answers `true` when the group has no photo, also when it had none before. `undo-group-photo` brings the photo back.',
  input: Type.Object({ groupId }),
  takesIdempotencyKey: true,
  output: value,
  example: { input: { groupId: '120363019502650977-group' }, output: { value: true } },
  errors: [...changeErrors, 'rate_limited'],

  async handle({ groupId }, { groupPhotos }) {
    using turn = groupPhotos.takeTurn(groupId);
    await turn.arrived;
    await groupPhotos.remove(groupId);
    return { value: true };
  },
});
