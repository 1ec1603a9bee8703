import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import { instanceOperation } from '../../operation.ts';
import { warningCodes } from '../../pictures/photo.ts';
import { groupIdAliases } from '../fields.ts';
import { photoAliases, photoFields, pictureErrors, upload } from '../photo-input.ts';

const notLookedAt = (example: unknown) =>
  Type.Optional(
    Type.Unknown({
      description: 'Taken so that the same body can be sent as to `update-group-photo`, and not looked at.',
      examples: [example],
    }),
  );

export const previewGroupPhoto = instanceOperation({
  name: 'preview-group-photo',
  section: 'group',
  isExtension: true,
  method: 'POST',
  path: '/preview-group-photo',
  summary: 'See the photo that a picture would become, without changing anything.',
  description:
    'Takes what `update-group-photo` takes and answers with exactly the JPEG that would be sent, and with warnings about what its sender may not expect. Only the picture and its options are looked at: no group needs to be named, and no phone to be connected.',
  input: Type.Object({
    groupId: notLookedAt('120363019502650977-group'),
    ...photoFields,
    force: notLookedAt(true),
  }),
  aliases: { groupId: groupIdAliases, groupPhoto: photoAliases },
  upload,
  output: Type.Object({
    photo: Type.String({
      description: 'The JPEG as a data URI.',
      examples: ['data:image/jpeg;base64,/9j/2wBD'],
    }),
    sizeBytes: Type.Integer({ description: 'The size of the JPEG.', examples: [48213] }),
    sha256: Type.String({
      description: 'The SHA-256 of the JPEG, in hex.',
      examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
    }),
    source: Type.Object(
      {
        type: Type.String({
          description:
            'What the picture is, found from its bytes: `jpeg`, `png`, `webp`, `gif`, `avif`, `tiff` or `svg`.',
          examples: ['png'],
        }),
        width: Type.Integer({ description: 'In pixels, turned upright.', examples: [1200] }),
        height: Type.Integer({ description: 'In pixels, turned upright.', examples: [800] }),
      },
      { description: 'The picture that was given.' },
    ),
    warnings: Type.Array(
      Type.Object({
        code: Type.Enum([...warningCodes], {
          description:
            'For programs: it was `cropped`, or `padded` by another fit; `enlarged`; its transparency was painted; only its first frame or page is shown; it is damaged, and what is left of it is shown; an SVG refers to something outside of it, which is not read.',
          examples: ['cropped'],
        }),
        message: Type.String({
          description: 'The same for people, with the numbers.',
          examples: ['The picture is 1200×800; the central 800×800 are shown.'],
        }),
      }),
      { description: 'Empty when there is nothing to say.' },
    ),
  }),
  example: {
    input: { groupPhoto: 'https://www.example.com/logo.png', fit: 'cover' },
    output: {
      photo: 'data:image/jpeg;base64,/9j/2wBD',
      sizeBytes: 48213,
      sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      source: { type: 'png', width: 1200, height: 800 },
      warnings: [{ code: 'cropped', message: 'The picture is 1200×800; the central 800×800 are shown.' }],
    },
  },
  errors: pictureErrors,

  async handle(
    { groupPhoto, groupId: _group, force: _force, ...options },
    { readPicture, renderGroupPhoto },
  ) {
    const { jpeg, source, warnings } = await renderGroupPhoto(await readPicture(groupPhoto), options);
    return {
      photo: `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`,
      sizeBytes: jpeg.length,
      sha256: createHash('sha256').update(jpeg).digest('hex'),
      source,
      warnings: [...warnings],
    };
  },
});
