/** How a picture becomes a group's photo: the fields and the errors of every operation that takes one. */
import { Type } from 'typebox';
import type { ErrorCode } from '../errors.ts';
import { fits, positions } from '../pictures/photo.ts';
import { picture } from './fields.ts';

/** The field that an upload fills, see `Declaration.upload`. */
export const upload = 'groupPhoto';

export const photoAliases = ['photo', 'image'];

export const photoFields = {
  groupPhoto: picture,
  fit: Type.Optional(
    Type.Enum([...fits], {
      description:
        'How a picture that is not square becomes square: `cover` crops what is too long (the default), `contain` keeps all of it and fills the rest with `background`, `blur` fills the rest with the picture itself, enlarged and blurred.',
      examples: ['contain'],
    }),
  ),
  position: Type.Optional(
    Type.Enum([...positions], {
      description:
        'What `cover` keeps, and where the other two put the picture: the `centre` (the default), an edge or corner, or with `cover` `attention`: where the eye goes first.',
      examples: ['north'],
    }),
  ),
  background: Type.Optional(
    Type.String({
      pattern: '^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$',
      description:
        'The colour behind a transparent picture, and around one with `contain`: `#rgb` or `#rrggbb`. White when it is not given.',
      examples: ['#25D366'],
    }),
  ),
};

export const force = Type.Optional(
  Type.Boolean({
    description:
      'Ask WhatsApp to set the photo even when the group shows exactly this one already. Without it such a call is answered `true` at once, without a change.',
    examples: [true],
  }),
);

export const pictureErrors: readonly ErrorCode[] = [
  'picture_too_large',
  'picture_unreadable',
  'picture_url_failed',
  'picture_url_forbidden',
  'picture_url_invalid',
  'picture_url_timeout',
];

/** What WhatsApp may say to a change of a group's photo, beyond what it may say to everything. */
export const changeErrors: readonly ErrorCode[] = [
  'group_not_found',
  'not_group_admin',
  'not_group_member',
  'whatsapp_timeout',
];
