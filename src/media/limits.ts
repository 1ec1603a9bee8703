import { maxPictureBytes } from '../picture-too-large.ts';

/**
 * The limits of all that is read and fetched.
 *
 * What bounds memory: a fetch holds what has arrived of its body, in pieces that it takes from a `ByteBudget` as they
 * fill, whatever length the server declares; an answer that is unpacked on the way takes at most as much again. At the
 * end the pieces are joined, which for that moment holds one picture twice. From then on the bytes are the caller's,
 * who reserves them from the same budget for as long as they wait to be worked on.
 */
export const limits = {
  /** Of a picture that a caller gives, in whatever form. */
  pictureBytes: maxPictureBytes,
  /** Of a photo that WhatsApp keeps. Those that it makes of what it is sent have some 100 kB. */
  photoBytes: 5 * 2 ** 20,
  /** Of all that is held at the same time. */
  heldBytes: 256 * 2 ** 20,
  /** Each is a connection. */
  fetchesAtOnce: 256,
  /** For a whole fetch: name, connection, redirects and body. So nothing is held for longer by a slow server. */
  fetchTimeoutMs: 10_000,
  redirects: 5,
  /** Twice as long as most servers take. */
  urlLength: 16_384,
} as const;
