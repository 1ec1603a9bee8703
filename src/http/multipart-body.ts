import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import { Base64Decoder } from '../base64/base64-decoder.ts';
import { beginBase64Text } from '../base64/base64-text.ts';
import { GatewayError } from '../errors.ts';
import { GrowingBytes } from '../growing-bytes.ts';
import { maxTextBytes } from './json-body.ts';

interface MultipartBodyOptions {
  readonly headers: IncomingHttpHeaders;
  /** The name of the operation's upload field, and its aliases. */
  readonly pictureNames: readonly [string, ...string[]];
  /** How long the body is, when the client said so. */
  readonly lengthBytes: number | undefined;
}

const limits = {
  parts: 1_100, // the longest list that an operation takes is one of 1,000
  fieldSize: maxTextBytes,
  headerPairs: 100,
  headerSize: 16 * 1024,
};

/** What comes of a file, see `Base64Decoder`. */
interface FileContent {
  push(chunk: Buffer): boolean;
  end(): Buffer | undefined;
}

/**
 * Reads `multipart/form-data` while it comes, as forms, scripts and automation tools send it. The one file becomes the
 * bytes of the upload field, whatever its part is called; text parts become texts, and several of one name, or one
 * called `name[]`, a list. A file whose part says that it is Base64 is decoded. What a form left empty (a text, or a file without a name) counts as not given.
 *
 * Errors, of all methods: `invalid_request` for what is not complete, for more than one picture, and for a file that
 * holds Base64 and does not say so; `body_too_large` for a text of more than 5 MiB.
 */
export class MultipartBody {
  readonly #parser: BusboyInstance;
  readonly #parsed = Promise.withResolvers<void>();
  readonly #pictureNames: readonly [string, ...string[]];
  readonly #lengthBytes: number | undefined;
  readonly #texts = new Map<string, string | string[]>();
  #file: FileContent | undefined;
  #problem: GatewayError | undefined;

  constructor({ headers, pictureNames, lengthBytes }: MultipartBodyOptions) {
    this.#pictureNames = pictureNames;
    this.#lengthBytes = lengthBytes;
    try {
      this.#parser = new Busboy({ headers: headers as BusboyHeaders, limits });
    } catch (cause) {
      throw new GatewayError('invalid_request', {
        message: hasBoundary(headers) ? boundaryTooLong : noBoundary,
        cause,
      });
    }
    this.#parser
      .on('field', (name, text, _isNameCut, isCut) =>
        isCut ? this.#fail(tooLong(name)) : this.#addText(name, text),
      )
      .on('file', (_name, file, fileName, encoding) => this.#addFile(file, { fileName, encoding }))
      .on('partsLimit', () => this.#fail(invalid(`The body has more than ${limits.parts} parts.`)))
      .on('error', (cause: Error) => this.#fail(invalid(incomplete, cause)))
      .on('finish', () => this.#parsed.resolve());
  }

  push(chunk: Buffer): void {
    if (this.#problem) throw this.#problem;
    this.#parser.write(chunk);
  }

  async end(): Promise<Record<string, unknown>> {
    this.#parser.end();
    await this.#parsed.promise;
    if (this.#problem) throw this.#problem;
    const fields: Record<string, unknown> = Object.fromEntries(this.#texts);
    if (!this.#file) return fields;
    const asText = this.#pictureNames.find((name) => this.#texts.has(name));
    if (asText)
      throw invalid(`The picture is there twice: as a file, and as the text "${asText}". ${sendOne}`);
    fields[this.#pictureNames[0]] = this.#endFile(this.#file);
    return fields;
  }

  #addText(name: string | undefined, text: string): void {
    if (name === undefined || text === '') return;
    const ownName = name.replace(/\[\d*\]$/, '');
    const earlier = this.#texts.get(ownName);
    const isAlone = earlier === undefined && ownName === name;
    this.#texts.set(ownName, isAlone ? text : [earlier ?? [], text].flat());
  }

  #addFile(
    file: Readable,
    { fileName, encoding }: { readonly fileName: string | undefined; readonly encoding: string },
  ): void {
    const expectedBytes = this.#lengthBytes;
    const content =
      encoding === 'base64' ? new Base64Decoder({ expectedBytes }) : plainContent(expectedBytes);
    const take = () => {
      this.#file ??= content;
      if (this.#file !== content) this.#fail(invalid(`The body has more than one file. ${sendOne}`));
    };
    file.on('data', (chunk: Buffer) => {
      take();
      if (!this.#problem && !content.push(chunk)) this.#fail(invalid(noBase64));
    });
    file.on('end', () => {
      if (fileName) take(); // an empty one is somebody's mistake
    });
    file.on('error', (cause) => this.#fail(invalid(incomplete, cause)));
  }

  #endFile(file: FileContent): Uint8Array {
    const bytes = file.end();
    if (bytes === undefined) throw invalid(noBase64);
    // No type of picture begins like that.
    if (!beginBase64Text(bytes.toString('latin1', 0, looksLikeBytes))) return bytes;
    const [name] = this.#pictureNames;
    throw invalid(
      `${name}: the file holds Base64, as text. Send it as a text field named ${name}, or decode it first.`,
    );
  }

  /** The first problem is the one that callers are told. */
  #fail(problem: GatewayError): void {
    this.#problem ??= problem;
    this.#parsed.resolve();
  }
}

/** Enough to tell Base64 from a picture. */
const looksLikeBytes = 1_024;

function plainContent(expectedBytes: number | undefined): FileContent {
  const bytes = new GrowingBytes(expectedBytes);
  return {
    push(chunk) {
      bytes.append(chunk);
      return true;
    },
    end: () => bytes.bytes(),
  };
}

const hasBoundary = (headers: IncomingHttpHeaders) => /;\s*boundary\s*=/i.test(headers['content-type'] ?? '');

const invalid = (message: string, cause?: Error) => new GatewayError('invalid_request', { message, cause });

const tooLong = (name: string) =>
  new GatewayError('body_too_large', {
    message: `The text "${name}" has more than ${maxTextBytes} bytes. Send the picture as a file, or its URL.`,
    details: { limitBytes: maxTextBytes },
  });

const sendOne = 'Send one picture.';
const noBoundary =
  'The body cannot be read: Content-Type says multipart/form-data without a boundary. Leave this header to your HTTP client, which knows the boundary.';
const boundaryTooLong =
  'The body cannot be read: Content-Type names a boundary that is longer than the 70 characters that it may have.';
const incomplete =
  'The body is not complete multipart/form-data: the boundary that Content-Type names, with CR LF before it and -- after it, does not end it. Leave the body and this header to your HTTP client.';
const noBase64 =
  'The file is not Base64, although its part says "Content-Transfer-Encoding: base64". Leave this header out to send the bytes as they are.';
