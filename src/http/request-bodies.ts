import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GatewayError } from '../errors.ts';
import { GrowingBytes } from '../growing-bytes.ts';
import { maxPictureBytes, pictureTooLarge } from '../picture-too-large.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { plainBodyBytes } from './body-limits.ts';
import { inputFieldsOf } from './input-field.ts';
import { JsonBody } from './json-body.ts';
import { LargeBodies } from './large-bodies.ts';
import { MultipartBody } from './multipart-body.ts';
import { readChunks } from './read-chunks.ts';

interface BodyLimits {
  /** How much the large bodies of all requests in flight may have together. */
  readonly totalBytes: number;
  /** How long nothing of a body may come. */
  readonly silenceMs: number;
  /** Ends the reading of every body when it aborts, with its reason. */
  readonly cutOff: AbortSignal;
}

/** A body that is on its way. */
interface ComingBody {
  readonly headers: FastifyRequest['headers'];
  /** How long it is, when the client said so. */
  readonly lengthBytes: number | undefined;
  /** The name of the field that a picture may fill, and its aliases; none when the operation takes no upload. */
  readonly pictureNames: readonly string[];
  /** Hands over each chunk as it comes, see `readChunks`. */
  readonly read: (take: (chunk: Buffer) => void) => Promise<void>;
}

/**
 * Has bodies read while they come: JSON for every operation; for those that take an upload also `multipart/form-data`,
 * and the picture itself as the body. A picture becomes bytes under the name of the upload field, all else is as
 * clients sent it. No body at all is fine whatever its type says: clients send empty POSTs as forms.
 *
 * Large bodies are taken only while there is room for them: what came of each stays in memory until its operation is
 * over, even when the client has gone away. Clients that ask whether to send the body (`Expect: 100-continue`) are told
 * so once it is known that it will be read.
 *
 * Where no upload is taken, a body may have `plainBodyBytes`.
 *
 * Errors: `unsupported_media_type` for a body of another type; `body_too_large` and `picture_too_large`, before
 * anything is read when the length says so; `overloaded`; those of `JsonBody`, `MultipartBody` and `readChunks`.
 */
export function readBodies(app: FastifyInstance, { totalBytes, silenceMs, cutOff }: BodyLimits): void {
  const largeBodies = new LargeBodies(totalBytes);
  app.addHook('onSend', async (request) => largeBodies.release(request));

  app.server.on('checkContinue', (request, response) => app.server.emit('request', request, response));
  app.addHook('onRequest', async ({ headers }) => {
    const isEmpty =
      headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
    // Fastify would judge them before anybody knows what the operation takes.
    if (isEmpty || !mediaType.test(headers['content-type'] ?? '')) delete headers['content-type'];
  });
  app.addHook('preParsing', async (request, reply) => {
    const { headers } = request;
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
      throw new GatewayError('unsupported_media_type', {
        message: 'Send the body as it is, without Content-Encoding: this server does not unpack it.',
      });
    }
    const { maxBytes, tooLarge } = limitOf(request);
    if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
    if (headers.expect === undefined) return;
    delete headers.expect; // now it is fulfilled
    reply.raw.writeContinue();
  });

  const read =
    (parse: (body: ComingBody) => Promise<unknown>) => async (request: FastifyRequest, payload: Readable) => {
      const { headers } = request;
      const length = headers['content-length'];
      try {
        return await parse({
          headers,
          lengthBytes: length === undefined ? undefined : Number(length),
          pictureNames: pictureNamesOf(request),
          read(take) {
            const reading = () =>
              readChunks(payload, { ...limitOf(request), silenceMs }, (chunk) => {
                largeBodies.add(request, chunk.length);
                take(chunk);
              });
            return unlessAborted(reading, cutOff);
          },
        });
      } catch (error) {
        largeBodies.release(request); // the answer may have to wait for the rest to be dropped
        throw error;
      }
    };
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(jsonType, read(readJson));
  app.addContentTypeParser(/^multipart\/form-data\b/i, read(readMultipart));
  app.addContentTypeParser(pictureType, read(readPicture));
  app.addContentTypeParser('*', read(refuse));
}

const mediaType = /^\s*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(;|$)/;
const jsonType = /^application\/([\w.-]+\+)?json\b/i;
const pictureType = /^(image\/|application\/octet-stream\b)/i;

async function readJson({ pictureNames, lengthBytes, read }: ComingBody): Promise<unknown> {
  const body = new JsonBody({ pictureNames, lengthBytes });
  await read((chunk) => body.push(chunk));
  return body.end();
}

async function readMultipart(coming: ComingBody): Promise<unknown> {
  const { headers, lengthBytes, read } = coming;
  const [name, ...aliases] = coming.pictureNames;
  if (name === undefined) return refuse(coming);
  const body = new MultipartBody({ headers, pictureNames: [name, ...aliases], lengthBytes });
  await read((chunk) => body.push(chunk));
  return body.end();
}

async function readPicture(coming: ComingBody): Promise<unknown> {
  const [name] = coming.pictureNames;
  if (name === undefined) return refuse(coming);
  const picture = new GrowingBytes(coming.lengthBytes);
  await coming.read((chunk) => picture.append(chunk));
  return picture.length === 0 ? undefined : { [name]: picture.bytes() };
}

/** What is no body at all, chunked, is no body of a wrong type either. */
async function refuse({ pictureNames, read }: ComingBody): Promise<undefined> {
  await read(() => {
    throw unsupportedType(pictureNames);
  });
}

const unsupportedType = (pictureNames: readonly string[]) =>
  new GatewayError('unsupported_media_type', pictureNames.length > 0 ? { message: allTypes } : {});

const allTypes =
  'Send the body as JSON, with "Content-Type: application/json"; or as multipart/form-data with the picture as a file; or send the picture itself, with its type (image/png …) or application/octet-stream, and the other fields in the query.';

function pictureNamesOf({ routeOptions }: FastifyRequest): readonly string[] {
  const { operation } = routeOptions.config;
  const upload = operation && inputFieldsOf(operation).find(({ isUpload }) => isUpload);
  return upload?.names ?? [];
}

/** How much a body may have, and how more of it fails. */
function limitOf(request: FastifyRequest) {
  const { bodyLimit } = request.routeOptions;
  const type = request.headers['content-type'] ?? '';
  const pictureNames = pictureNamesOf(request);
  if (pictureNames.length === 0) {
    const maxBytes = Math.min(bodyLimit, plainBodyBytes);
    // A file would not be taken however small it is.
    const tooLarge = () =>
      jsonType.test(type)
        ? bodyTooLarge(maxBytes, 'that this operation takes.')
        : unsupportedType(pictureNames);
    return { maxBytes, tooLarge };
  }
  return pictureType.test(type) && maxPictureBytes < bodyLimit
    ? { maxBytes: maxPictureBytes, tooLarge: () => pictureTooLarge(maxPictureBytes) }
    : {
        maxBytes: bodyLimit,
        tooLarge: () =>
          bodyTooLarge(bodyLimit, 'that this server takes. Send a smaller picture, or its URL.'),
      };
}

const bodyTooLarge = (limitBytes: number, remark: string) =>
  new GatewayError('body_too_large', {
    message: `The body has more than the ${limitBytes} bytes ${remark}`,
    details: { limitBytes },
  });
