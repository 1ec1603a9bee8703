import { Type } from 'typebox';
import { instanceOperation } from '../../operation.ts';
import { instanceName, value } from '../fields.ts';

export const updateName = instanceOperation({
  name: 'update-name',
  section: 'instance',
  method: 'PUT',
  alsoMethods: ['POST'],
  path: '/update-name',
  summary: 'Rename the instance.',
  description: 'The name that `me` and the list of instances show. WhatsApp does not hear of it.',
  input: Type.Object({ value: instanceName }),
  output: value,
  example: { input: { value: 'Support' }, output: { value: true } },
  errors: [],

  async handle({ value }, { updateInstance }) {
    await updateInstance({ name: value });
    return { value: true };
  },
});
