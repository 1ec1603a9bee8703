import { type Static, Type } from 'typebox';
import { type ErrorCode, failureOf, GatewayError } from '../../errors.ts';
import { connectedOperation } from '../../operation.ts';
import { ownRole } from '../../whatsapp/own-role.ts';
import { groupId, groupIdAliases } from '../fields.ts';

const answer = Type.Object({
  value: Type.Boolean({
    description: 'Whether the connected number may change the photo.',
    examples: [false],
  }),
  reason: Type.Union([
    Type.String({
      description: 'Why it may not, as a sentence.',
      examples: [failureOf('not_group_admin').message],
    }),
    Type.Null({ description: 'It may.' }),
  ]),
  code: Type.Union([
    Type.Enum(['not_group_admin', 'not_group_member', 'group_not_found'], {
      description: 'Why it may not, for programs: the code that `update-group-photo` would answer with.',
      examples: ['not_group_admin'],
    }),
    Type.Null({ description: 'It may.' }),
  ]),
});

export const canUpdateGroupPhoto = connectedOperation({
  name: 'can-update-group-photo',
  section: 'group',
  isExtension: true,
  method: 'POST',
  path: '/can-update-group-photo',
  summary: 'Ask whether the connected number may change the photo of a group.',
  description: 'Looks at the group and changes nothing.',
  input: Type.Object({ groupId }),
  aliases: { groupId: groupIdAliases },
  output: answer,
  example: {
    input: { groupId: '120363019502650977-group' },
    output: { value: false, reason: failureOf('not_group_admin').message, code: 'not_group_admin' },
  },
  errors: ['whatsapp_timeout'],

  async handle({ groupId }, { whatsapp }): Promise<Static<typeof answer>> {
    try {
      const group = await whatsapp.group(groupId);
      const role = ownRole(group, whatsapp.me);
      if (!role) return no('not_group_member');
      return group.locked && role === 'member'
        ? no('not_group_admin')
        : { value: true, reason: null, code: null };
    } catch (error) {
      const code = error instanceof GatewayError && error.code;
      if (code === 'group_not_found' || code === 'not_group_member') return no(code);
      throw error;
    }
  },
});

const no = (code: ErrorCode & NonNullable<Static<typeof answer>['code']>): Static<typeof answer> => ({
  value: false,
  reason: failureOf(code).message,
  code,
});
