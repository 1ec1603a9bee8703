import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
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
  parts: 100,
  fieldSize: maxTextBytes,
  headerPairs: 100,
  headerSize: 16 * 1024,
};

/**
 * Reads `multipart/form-data` while it comes, as forms, scripts and automation tools send it. The one file becomes the
 * bytes of the upload field, whatever its part is called; text parts become texts, and several of one name, or one
 * called `name[]`, a list. What a form left empty (a text, or a file without a name) counts as not given.
 *
 * Errors, of all methods: `invalid_request` for what is not complete, and for more than one picture; `body_too_large`
 * for a text of more than 5 MiB.
 */
export class MultipartBody {
  readonly #parser: BusboyInstance;
  readonly #parsed = Promise.withResolvers<void>();
  readonly #pictureNames: readonly [string, ...string[]];
  readonly #lengthBytes: number | undefined;
  readonly #texts = new Map<string, string | string[]>();
  #file: GrowingBytes | undefined;
  #problem: GatewayError | undefined;

  constructor({ headers, pictureNames, lengthBytes }: MultipartBodyOptions) {
    this.#pictureNames = pictureNames;
    this.#lengthBytes = lengthBytes;
    try {
      this.#parser = new Busboy({ headers: headers as BusboyHeaders, limits });
    } catch (cause) {
      throw new GatewayError('invalid_request', { message: noBoundary, cause });
    }
    this.#parser
      .on('field', (name, text, _isNameCut, isCut) =>
        isCut ? this.#fail(tooLong(name)) : this.#addText(name, text),
      )
      .on('file', (_name, file, fileName) => this.#addFile(file, fileName))
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
    fields[this.#pictureNames[0]] = this.#file.bytes();
    return fields;
  }

  #addText(name: string | undefined, text: string): void {
    if (name === undefined || text === '') return;
    const ownName = name.replace(/\[\d*\]$/, '');
    const earlier = this.#texts.get(ownName);
    const isAlone = earlier === undefined && ownName === name;
    this.#texts.set(ownName, isAlone ? text : [earlier ?? [], text].flat());
  }

  #addFile(file: Readable, fileName: string | undefined): void {
    const bytes = new GrowingBytes(this.#lengthBytes);
    const take = () => {
      this.#file ??= bytes;
      if (this.#file !== bytes) this.#fail(invalid(`The body has more than one file. ${sendOne}`));
    };
    file.on('data', (chunk: Buffer) => {
      take();
      if (!this.#problem) bytes.append(chunk);
    });
    file.on('end', () => {
      if (fileName) take(); // an empty one is somebody's mistake
    });
    file.on('error', (cause) => this.#fail(invalid(incomplete, cause)));
  }

  /** The first problem is the one that callers are told. */
  #fail(problem: GatewayError): void {
    this.#problem ??= problem;
    this.#parsed.resolve();
  }
}

const invalid = (message: string, cause?: Error) => new GatewayError('invalid_request', { message, cause });

const tooLong = (name: string) =>
  new GatewayError('body_too_large', {
    message: `The text "${name}" has more than ${maxTextBytes} bytes. Send the picture as a file, or its URL.`,
    details: { limitBytes: maxTextBytes },
  });

const sendOne = 'Send one picture.';
const noBoundary =
  'The body cannot be read: Content-Type says multipart/form-data without a boundary. Leave this header to your HTTP client, which knows the boundary.';
const incomplete =
  'The body is not complete multipart/form-data: the parts do not end in the boundary that Content-Type names. Leave this header to your HTTP client.';
