import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GatewayError } from '../errors.ts';
import { GrowingBytes } from '../growing-bytes.ts';
import { inputFieldsOf } from './input-field.ts';
import { JsonBody } from './json-body.ts';
import { MultipartBody } from './multipart-body.ts';
import { readChunks } from './read-chunks.ts';

/**
 * Has bodies read while they come: JSON for every operation; for those that take an upload also `multipart/form-data`,
 * and the picture itself as the body. A picture becomes bytes under the name of the upload field, all else is as
 * clients sent it. No body at all is fine whatever its type says: clients send empty POSTs as forms.
 *
 * Errors: `unsupported_media_type` for a body of another type; those of `JsonBody`, `MultipartBody` and `readChunks`.
 */
export function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', async ({ headers }) => {
    const isEmpty =
      headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
    if (isEmpty) delete headers['content-type']; // Fastify would judge it, even one that is no media type
  });
  app.addHook('preParsing', async ({ headers }) => {
    const encoding = headers['content-encoding'];
    if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
    throw new GatewayError('unsupported_media_type', {
      message: 'Send the body as it is, without Content-Encoding: this server does not unpack it.',
    });
  });
  app.addContentTypeParser(/^application\/([\w.-]+\+)?json\b/i, readJson);
  app.addContentTypeParser(/^multipart\/form-data\b/i, readMultipart);
  app.addContentTypeParser(/^(image\/|application\/octet-stream\b)/i, readPicture);
  app.addContentTypeParser('*', refuse);
}

async function readJson(request: FastifyRequest, payload: Readable): Promise<unknown> {
  const limits = limitsOf(request);
  const body = new JsonBody({ pictureNames: pictureNamesOf(request), lengthBytes: limits.lengthBytes });
  await readChunks(payload, limits, (chunk) => body.push(chunk));
  return body.end();
}

async function readMultipart(request: FastifyRequest, payload: Readable): Promise<unknown> {
  const [name, ...aliases] = pictureNamesOf(request);
  if (name === undefined) return refuse(request, payload);
  const { headers } = request;
  const limits = limitsOf(request);
  const body = new MultipartBody({
    headers,
    pictureNames: [name, ...aliases],
    lengthBytes: limits.lengthBytes,
  });
  await readChunks(payload, limits, (chunk) => body.push(chunk));
  return body.end();
}

async function readPicture(request: FastifyRequest, payload: Readable): Promise<unknown> {
  const [name] = pictureNamesOf(request);
  if (name === undefined) return refuse(request, payload);
  const limits = limitsOf(request);
  const picture = new GrowingBytes(limits.lengthBytes);
  await readChunks(payload, limits, (chunk) => picture.append(chunk));
  return picture.length === 0 ? undefined : { [name]: picture.bytes() };
}

async function refuse(request: FastifyRequest, payload: Readable): Promise<undefined> {
  const takesPictures = pictureNamesOf(request).length > 0;
  await readChunks(payload, { maxBytes: Number.POSITIVE_INFINITY }, () => {
    throw new GatewayError('unsupported_media_type', takesPictures ? { message: allTypes } : {});
  });
}

const allTypes =
  'Send the body as JSON, with "Content-Type: application/json"; or as multipart/form-data with the picture as a file; or send the picture itself, with its type (image/png …) or application/octet-stream, and the other fields in the query.';

/** The name of the field that a picture may fill, and its aliases; none when the operation takes no upload. */
function pictureNamesOf({ routeOptions }: FastifyRequest): readonly string[] {
  const { operation } = routeOptions.config;
  const upload = operation && inputFieldsOf(operation).find(({ isUpload }) => isUpload);
  return upload?.names ?? [];
}

function limitsOf({ headers, routeOptions }: FastifyRequest) {
  const length = headers['content-length'];
  return { maxBytes: routeOptions.bodyLimit, lengthBytes: length === undefined ? undefined : Number(length) };
}
