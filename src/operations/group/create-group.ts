import { Type } from 'typebox';
import { GatewayError } from '../../errors.ts';
import { formatGroupId, formatUserId, type PhoneNumber, parsePhoneNumber } from '../../ids.ts';
import { connectedOperation } from '../../operation.ts';
import { nullable } from '../fields.ts';
import { invitationOf } from '../invitation.ts';

const member = Type.Decode(
  Type.String({ description: 'A phone number with country code, or `…@lid`.', examples: ['5511999990002'] }),
  (text): { phone: PhoneNumber } | { lid: string } => {
    if (/^\d+@lid$/.test(text)) return { lid: text };
    const phone = parsePhoneNumber(text.replace(/@(s\.whatsapp\.net|c\.us)$/, ''));
    if (!phone) {
      throw new GatewayError('invalid_request', {
        message: `"${text.slice(0, 64)}" is not a phone number. Expected 8 to 15 digits with country code, such as 5511999990002.`,
      });
    }
    return { phone };
  },
);

export const createGroup = connectedOperation({
  name: 'create-group',
  section: 'group',
  method: 'POST',
  path: '/create-group',
  summary: 'Create a group.',
  description:
    'The connected number is a member and the creator by itself; when it is listed it is passed over. Members given as `…@lid` are not added, as documented: they come back in `phonesNotAdded` beside those whom WhatsApp did not take. A photo is set afterwards with `update-group-photo`.',
  input: Type.Object({
    groupName: Type.String({
      minLength: 1,
      maxLength: 100,
      pattern: '\\S',
      expects: 'a text that is not blank',
      description: 'The name of the group, at most 100 characters.',
      examples: ['Moving house'],
    }),
    phones: Type.Array(member, {
      minItems: 1,
      maxItems: 1023,
      description: 'The first members, without the connected number.',
      examples: [['5511999990002', '5511999990003']],
    }),
    autoInvite: Type.Optional(
      Type.Boolean({
        description:
          'Send a private invitation to numbers that could not be added. Accepted, but not carried out by this version: those numbers come back in `phonesNotAdded`.',
        examples: [true],
      }),
    ),
  }),
  output: Type.Object({
    phone: Type.String({ description: 'The id of the new group.' }),
    phonesNotAdded: Type.Array(Type.String(), { description: 'Who is not a member.' }),
    invitationLink: nullable(Type.String({ description: 'Whoever opens it can join the group.' })),
    invitationLinkError: nullable(
      Type.String({
        description: 'Why there is no link, although the group was created.',
        examples: ['too many requests'],
      }),
    ),
  }),
  example: {
    input: { groupName: 'Moving house', phones: ['5511999990002', '5511999990003'], autoInvite: true },
    output: {
      phone: '120363019502650977-group',
      phonesNotAdded: ['5511999990003'],
      invitationLink: 'https://chat.whatsapp.com/GONwbGGDkLe8BifUWwLgct',
      invitationLinkError: null,
    },
  },
  errors: ['group_unconfirmed'],

  async handle({ groupName, phones }, { whatsapp }) {
    const lids = phones.flatMap((member) => ('lid' in member ? member.lid : []));
    const numbers = new Set(phones.flatMap((member) => ('phone' in member ? member.phone : [])));
    numbers.delete(whatsapp.me.phone);
    if (numbers.size + lids.length === 0) {
      throw new GatewayError('invalid_request', {
        message: 'phones: name at least one number besides the connected one.',
      });
    }
    const { group, notAdded } = await whatsapp.createGroup(groupName.trim(), [...numbers]).catch(unconfirmed);
    return {
      phone: formatGroupId(group.id),
      phonesNotAdded: [...lids, ...notAdded.map(formatUserId)],
      ...(await invitationOf(group.id, whatsapp)),
    };
  },
});

/** A time-out invites clients to repeat, which is not harmless here. */
function unconfirmed(error: unknown): never {
  if (error instanceof GatewayError && error.code === 'whatsapp_timeout') {
    throw new GatewayError('group_unconfirmed', { cause: error });
  }
  throw error;
}
