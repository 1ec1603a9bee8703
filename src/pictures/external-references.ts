/**
 * The first thing outside of itself that an SVG refers to, as it is written there; `undefined` when there is none.
 * Nothing of it is read. Links (`<a href>`) are no pictures and do not count, neither do comments.
 */
export function externalReferenceOf(svg: Uint8Array): string | undefined {
  const text = Buffer.from(svg.buffer, svg.byteOffset, svg.byteLength)
    .toString('utf8')
    .replace(/<!--[\s\S]*?(?:-->|$)/g, '');
  return references.map((pattern) => pattern.exec(text)?.groups?.address).find((address) => address);
}

/**
 * An address that is neither a part of the SVG itself, nor what it brings along, nor one of its entities. The spaces
 * before it are counted: two endless runs of them after each other would be searched without end.
 */
const outside = (stop: string) =>
  String.raw`\s{0,9}["']?\s{0,9}(?!data:)(?<address>[^\s"'<>#&${stop}][^"'<>${stop}]*)`;

const references = [
  new RegExp(String.raw`<(?!(?:[\w-]+:)?a\s)\??[a-z][^<>]*\s(?:xlink:)?href\s{0,9}=${outside('')}`, 'i'),
  new RegExp(String.raw`\burl\(${outside('()')}`, 'i'),
  /@import\s{0,9}["'](?<address>[^"'<>]+)/i,
];
