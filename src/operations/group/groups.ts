import { type Static, Type } from 'typebox';
import { formatGroupId } from '../../ids.ts';
import { connectedOperation } from '../../operation.ts';
import type { Group } from '../../whatsapp/whatsapp.ts';
import { pageOf } from '../page.ts';

const listedGroup = Type.Object({
  isGroup: Type.Boolean({ description: 'Always true.' }),
  name: Type.String({ description: 'The name of the group.' }),
  phone: Type.String({ description: 'The id of the group.' }),
  unread: Type.String({ description: 'Unread messages.' }),
  lastMessageTime: Type.String({
    description:
      'Unix milliseconds of the last thing known to have happened: for now the creation or the last change of name.',
  }),
  isMuted: Type.Enum(['0', '1'], { description: '`1` when the chat is muted.' }),
  isMarkedSpam: Type.Enum(['true', 'false'], { description: 'The chat is marked as spam.' }),
  archived: Type.Enum(['true', 'false'], { description: 'The chat is archived.' }),
  pinned: Type.Enum(['true', 'false'], { description: 'The chat is pinned.' }),
  muteEndTime: Type.Union([
    Type.String({ description: 'Unix milliseconds; `-1` for ever.', examples: ['1785672000000'] }),
    Type.Null({ description: 'Not muted.' }),
  ]),
  messagesUnread: Type.String({ description: 'The same as `unread`.' }),
});

export const groups = connectedOperation({
  name: 'groups',
  section: 'group',
  method: 'GET',
  path: '/groups',
  summary: 'List the groups of the connected number.',
  description:
    'The youngest group comes first, so that pages keep their order. What the phone knows of the chat (unread, muted, archived, pinned) is not followed yet and always has the value of an untouched chat. Numbers and flags are texts, as documented.',
  input: Type.Object({
    page: Type.Integer({
      minimum: 1,
      default: 1,
      description: 'The page, from 1. Pages after the last one are empty.',
      examples: [1],
    }),
    pageSize: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Groups on a page. Without it the first page has them all.',
        examples: [100],
      }),
    ),
  }),
  output: Type.Array(listedGroup),
  example: {
    input: { page: 1, pageSize: 100 },
    output: [
      {
        isGroup: true,
        name: 'Moving house',
        phone: '120363019502650977-group',
        unread: '0',
        lastMessageTime: '1785585600000',
        isMuted: '0',
        isMarkedSpam: 'false',
        archived: 'false',
        pinned: 'false',
        muteEndTime: null,
        messagesUnread: '0',
      },
    ],
  },
  errors: ['whatsapp_timeout'],

  async handle(input, { whatsapp }) {
    const youngestFirst = [...(await whatsapp.groups())].sort(byAge);
    return pageOf(youngestFirst, input).map(listGroup);
  },
});

const byAge = (one: Group, other: Group): number =>
  (other.creation ?? 0) - (one.creation ?? 0) || (one.id < other.id ? 1 : -1);

function listGroup({ id, subject, creation = 0, subjectTime = 0 }: Group): Static<typeof listedGroup> {
  return {
    isGroup: true,
    name: subject,
    phone: formatGroupId(id),
    unread: '0',
    lastMessageTime: String(Math.max(creation, subjectTime) * 1000),
    isMuted: '0',
    isMarkedSpam: 'false',
    archived: 'false',
    pinned: 'false',
    muteEndTime: null,
    messagesUnread: '0',
  };
}
