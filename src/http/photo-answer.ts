import type { FastifyReply } from 'fastify';
import type { ShownPhoto } from '../group-photos.ts';

/**
 * Answers with a photo itself. Its id is the `ETag`: whoever has it already (`If-None-Match`) gets a 304, and the
 * bytes are not read.
 */
export async function answerWithPhoto(photo: ShownPhoto, reply: FastifyReply): Promise<FastifyReply> {
  const etag = `"${photo.id}"`;
  const isKnown = matches(reply.request.headers['if-none-match'], etag);
  // Read before the headers are set: a failure to read it is not the photo, and must not be told as such.
  const jpeg = isKnown ? undefined : await photo.read();
  reply.headers({ etag, 'cache-control': 'private, no-cache', 'x-content-type-options': 'nosniff' });
  return jpeg ? reply.type('image/jpeg').send(jpeg) : reply.code(304).send();
}

/** RFC 9110, 13.1.2: any of the listed tags, compared weakly, or `*`. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return [...ifNoneMatch.matchAll(/(?:W\/)?(?<tag>"[^"]*")/g)].some(({ groups }) => groups?.tag === etag);
}
