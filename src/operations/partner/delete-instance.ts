import { Type } from 'typebox';
import { partnerInstanceOperation } from '../../operation.ts';
import { value } from '../fields.ts';

export const deleteInstance = partnerInstanceOperation({
  name: 'delete-instance',
  section: 'partner',
  method: 'DELETE',
  path: '',
  summary: 'Delete an instance.',
  description:
    'Unlinks its phone, as `disconnect` does, and forgets the instance with all that was kept of it: keys, settings, the history of photos, jobs. It cannot be brought back.',
  isExtension: true,
  input: Type.Object({}),
  output: value,
  example: { input: {}, output: { value: true } },
  errors: [],

  async handle(_input, { deleteInstance }) {
    await deleteInstance();
    return { value: true };
  },
});
