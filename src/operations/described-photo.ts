import { Type } from 'typebox';
import type { PhotoRecord } from '../group-photos.ts';
import { formatUserId } from '../ids.ts';
import { nullable } from './fields.ts';

/** What is known of a photo, as the API writes it. */
export const describedPhoto = Type.Object({
  id: Type.String({ description: 'The id that WhatsApp gave the photo.', examples: ['1785585600'] }),
  setBy: nullable(
    Type.String({
      description: 'Who set it: a phone number, or a LID. Null when nobody told us.',
      examples: ['5511999990001'],
    }),
  ),
  setAt: nullable(
    Type.Integer({
      description:
        'When it was set, in Unix milliseconds: as we were told, else as its id tells. Null when neither does.',
      examples: [1785585600000],
    }),
  ),
  byUs: Type.Boolean({ description: 'Whether it was set through this gateway.', examples: [true] }),
  restores: nullable(
    Type.String({
      description: 'The id of the photo that an undo brought back with it. Null when it was no undo.',
      examples: ['1785585000'],
    }),
  ),
  sha256: nullable(
    Type.String({
      description:
        'The SHA-256 of the JPEG, in hex. Null, as its sizes are, when its bytes were never seen: then they are not kept either.',
      examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
    }),
  ),
  sizeBytes: nullable(Type.Integer({ description: 'The size of the JPEG.', examples: [48213] })),
  width: nullable(Type.Integer({ description: 'In pixels.', examples: [640] })),
  height: nullable(Type.Integer({ description: 'In pixels.', examples: [640] })),
});

export const describePhoto = ({ id, setBy, setAt, byUs, restores, file }: PhotoRecord) => ({
  id: String(id),
  setBy: setBy ? formatUserId(setBy) : null,
  setAt: setAt?.getTime() ?? null,
  byUs,
  restores: restores ?? null,
  sha256: file?.sha256 ?? null,
  sizeBytes: file?.sizeBytes ?? null,
  width: file?.width ?? null,
  height: file?.height ?? null,
});

export const describedPhotoExample = {
  id: '1785585600',
  setBy: '5511999990001',
  setAt: 1785585600000,
  byUs: true,
  restores: null,
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  sizeBytes: 48213,
  width: 640,
  height: 640,
};
