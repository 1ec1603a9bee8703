// biome-ignore-all lint/suspicious/noControlCharactersInRegex: files begin with such bytes
/** What some bytes are, found from the bytes themselves; declared types are not believed. */
export interface FileType {
  /** As a sentence names it: `a PDF document`. */
  readonly name: string;
  /** Whether it is a picture of a kind that we read. */
  readonly isReadable: boolean;
}

export const jpeg: FileType = { name: 'a JPEG', isReadable: true };
export const svg: FileType = { name: 'an SVG', isReadable: true };
const html: FileType = { name: 'a web page (HTML)', isReadable: false };
const xml: FileType = { name: 'an XML document', isReadable: false };
const json: FileType = { name: 'JSON', isReadable: false };
const plainText: FileType = { name: 'plain text', isReadable: false };

/** How files begin, a byte a character; the first that fits is the type. */
const beginnings: readonly (readonly [RegExp, FileType])[] = [
  [/^\xff\xd8\xff/, jpeg],
  [/^\x89PNG\r\n\x1a\n/, picture('a PNG')],
  [/^GIF8[79]a/, picture('a GIF')],
  [/^RIFF.{4}WEBP/s, picture('a WebP')],
  [/^(?:II[*+]\0|MM\0[*+])/, picture('a TIFF')],
  // The brand may be the first one or one of those that follow.
  [/^.{4}ftyp(?:.{4}){0,12}?avi[fs]/s, picture('an AVIF')],
  // What people send by mistake: named, so that the answer can say it.
  [/^.{4}ftyp(?:he[iv][cxms]|mif1|msf1)/s, other('a HEIC picture (convert it to JPEG first)')],
  [/^.{4}ftypqt {2}/s, other('a QuickTime video')],
  [/^.{4}ftyp/s, other('an MP4 video')],
  [/^\x1a\x45\xdf\xa3/, other('a WebM or Matroska video')],
  [/^RIFF.{4}AVI /s, other('an AVI video')],
  [/^(?:RIFF.{4}WAVE|OggS|ID3)/s, other('a sound')],
  [/^BM.{4}\0{4}/s, other('a BMP picture (convert it to PNG first)')],
  [/^\0\0\x01\0/, other('an icon (ICO; convert it to PNG first)')],
  [/^8BPS/, other('a Photoshop file')],
  [/^(?:\xff\x0a|\0{3}\x0cJXL )/, other('a JPEG XL picture (convert it to JPEG first)')],
  [/^(?:\0{3}\x0cjP {2}|\xff\x4f\xff\x51)/, other('a JPEG 2000 picture (convert it to JPEG first)')],
  [/^%PDF-/, other('a PDF document')],
  [/^%!PS/, other('a PostScript document')],
  [/^PK\x03\x04/, other('a ZIP archive or Office document')],
  [/^\x1f\x8b/, other('gzip-compressed')],
  [/^(?:Rar!|7z\xbc\xaf)/, other('an archive')],
];

function picture(name: string): FileType {
  return { name, isReadable: true };
}

function other(name: string): FileType {
  return { name, isReadable: false };
}

/** How far into a text its first element is looked for. */
const textBytes = 64 * 1024;

/** The type of a file; `undefined` when nothing is recognised. */
export function sniff(bytes: Uint8Array): FileType | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const beginning = buffer.toString('latin1', 0, 64);
  return (
    beginnings.find(([pattern]) => pattern.test(beginning))?.[1] ?? sniffText(buffer.subarray(0, textBytes))
  );
}

function sniffText(bytes: Buffer): FileType | undefined {
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  const root = rootElement(text);
  if (root === 'svg' || root?.endsWith(':svg')) return svg;
  if (root !== undefined) return /^(?:html|head|body|script)$/.test(root) ? html : xml;
  if (/^\s*[[{]/.test(text)) return json;
  return text !== '' && !/[\0-\x08\x0e-\x1a\x1c-\x1f\uFFFD]/.test(text.slice(0, 512)) ? plainText : undefined;
}

/** The name of the first element of an XML or HTML text, lower case, after declarations, comments and a DOCTYPE. */
function rootElement(text: string): string | undefined {
  let at = 0;
  for (;;) {
    at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0;
    if (/^<!doctype\s+html/i.test(text.slice(at, at + 32))) return 'html';
    const end = endOfProlog(text, at);
    if (end === undefined) return /^<([a-z][\w:.-]*)/i.exec(text.slice(at, at + 64))?.[1]?.toLowerCase();
    at = end;
  }
}

/** Where the declaration, comment or DOCTYPE that begins at `at` ends; `undefined` when none begins there. */
function endOfProlog(text: string, at: number): number | undefined {
  if (text.startsWith('<?', at)) return after(text, '?>', at);
  if (text.startsWith('<!--', at)) return after(text, '-->', at);
  if (!text.startsWith('<!', at)) return undefined;
  const close = after(text, '>', at);
  const subset = text.indexOf('[', at); // a DOCTYPE may hold declarations of its own, each with a `>`
  return subset === -1 || subset > close ? close : after(text, '>', after(text, ']', subset));
}

function after(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found === -1 ? text.length : found + mark.length;
}
