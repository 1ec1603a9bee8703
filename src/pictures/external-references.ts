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
 * What a picture may refer to and still be whole: its own parts, what it brings along, and entities, which are its own.
 * The spaces are counted, because two endless runs of them after each other would take endless time.
 */
const within = String.raw`(?!\s{0,9}(?:#|data:|&))`;

const references = [
  new RegExp(
    String.raw`<(?!(?:[\w-]+:)?a\s)\??[a-z][^<>]*\s(?:xlink:)?href\s*=\s*["']${within}(?<address>[^"'<>]+)`,
    'i',
  ),
  new RegExp(String.raw`\burl\(\s{0,9}["']?${within}(?!["'])(?<address>[^"'()<>]+)`, 'i'),
  /@import\s*["'](?<address>[^"'<>]+)/i,
];
