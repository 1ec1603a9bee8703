/** How a picture becomes a group's photo: the fields and the errors of every operation that takes one. */
import { Type } from 'typebox';
import type { ErrorCode } from '../errors.ts';
import { fits, photoDefaults, positions } from '../pictures/photo.ts';
import { picture } from './fields.ts';

/** The field that an upload fills, see `Declaration.upload`. */
export const upload = 'groupPhoto';

export const photoAliases = ['photo', 'image'];

/** The same colour is the same text: requests with an `Idempotency-Key` are compared by it. */
function canonicalColour(text: string): string {
  const digits = text.slice(1).toLowerCase();
  return `#${digits.length === 3 ? digits.replaceAll(/./g, '$&$&') : digits}`;
}

export const photoFields = {
  groupPhoto: picture,
  fit: Type.Optional(
    Type.Enum([...fits], {
      default: photoDefaults.fit,
      description:
        'How a picture that is not square becomes square: `cover` crops what is too long, `contain` keeps all of it and fills the rest with `background`, `blur` fills the rest with the picture itself, enlarged and blurred.',
      examples: ['contain'],
    }),
  ),
  position: Type.Optional(
    Type.Decode(
      Type.Enum([...positions, 'center'], {
        default: photoDefaults.position,
        description:
          'What `cover` keeps, and where the other two put the picture: the `centre` (or `center`), an edge or corner, or with `cover` `attention`: where the eye goes first.',
        examples: ['north'],
      }),
      (position) => (position === 'center' ? 'centre' : position),
    ),
  ),
  background: Type.Optional(
    Type.Decode(
      Type.String({
        pattern: '^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$',
        expects: '#rgb or #rrggbb',
        default: photoDefaults.background,
        description:
          'The colour behind a transparent picture, and around one with `contain`: `#rgb` or `#rrggbb`.',
        examples: ['#25D366'],
      }),
      canonicalColour,
    ),
  ),
};

export const force = Type.Optional(
  Type.Boolean({
    default: false,
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
