import assert from 'node:assert/strict';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { GatewayError } from '../errors.ts';
import { renderGroupPhoto } from './group-photo.ts';

const namespaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"';
/** A square of 24 that is white on its left and blue on its right half. */
const content = '<path d="M12 0h12v24H12z" fill="#00f"/>';

async function pixelsOf(drawing: string): Promise<(x: number, y: number) => number[]> {
  const { data, info } = await sharp((await renderGroupPhoto(Buffer.from(drawing))).jpeg)
    .raw()
    .toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.width, info.height, info.channels], [640, 640, 3]);
  return (x, y) => [...data.subarray((y * 640 + x) * 3, (y * 640 + x) * 3 + 3)];
}

function assertNear(seen: number[], wanted: number[], what: string): void {
  assert.ok(
    wanted.every((value, index) => Math.abs(value - (seen[index] ?? 0)) < 12),
    `${what}: saw ${seen}, wanted ${wanted}`,
  );
}

async function failureOf(drawing: string | Buffer): Promise<string> {
  const error = await renderGroupPhoto(Buffer.from(drawing)).then(
    () => assert.fail('was drawn'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof GatewayError, String(error));
  return `${error.code}: ${error.message}`;
}

test('an SVG of any size is drawn sharp, on white', async () => {
  for (const size of [
    'viewBox="0 0 24 24"',
    'width="24" height="24"',
    'width="100%" height="100%" viewBox="0 0 24 24"',
    'width="210mm" height="210mm" viewBox="0 0 24 24"',
    'width="0.5cm" height="0.5cm" viewBox="0 0 24 24"',
    'width="6.35mm" height="6.35mm"', // 24 px at 96 dpi
    'width="20000" height="20000" viewBox="0 0 24 24"',
  ]) {
    const pixel = await pixelsOf(`<svg ${namespaces} ${size}>${content}</svg>`);
    // The edge is at 320; enlarged from 24 pixels it would be blurred over 26.
    assertNear(pixel(312, 320), [255, 255, 255], size);
    assertNear(pixel(328, 320), [0, 0, 255], size);
  }
});

test('gradients, styles and pictures within an SVG are drawn', async () => {
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'lime' } })
    .png()
    .toBuffer();
  const pixel = await pixelsOf(`<svg ${namespaces} viewBox="0 0 100 100">
    <style>.red { fill: #f00 }</style>
    <linearGradient id="fade"><stop stop-color="#000"/><stop offset="1" stop-color="#fff"/></linearGradient>
    <rect class="red" width="50" height="50"/>
    <image x="50" width="50" height="50" href="data:image/png;base64,${png.toString('base64')}"/>
    <rect y="50" width="100" height="50" fill="url(#fade)"/>
  </svg>`);
  assertNear(pixel(100, 100), [255, 0, 0], 'style');
  assertNear(pixel(500, 100), [0, 255, 0], 'picture within');
  assertNear(pixel(320, 500), [128, 128, 128], 'gradient');
});

// Without a font on the machine there is nothing to write with.
const hasFonts = globSync('/usr/{,local/}share/fonts/**/*.{ttf,otf,pfb,t1}').length > 0;

test('text is written in an SVG', { skip: !hasFonts }, async () => {
  const pixel = await pixelsOf(
    `<svg ${namespaces} viewBox="0 0 100 100"><text x="0" y="75" font-size="75" textLength="100" lengthAdjust="spacingAndGlyphs">Pombo</text></svg>`,
  );
  const row = Array.from({ length: 640 }, (_, x) => pixel(x, 400)[0] ?? 0);
  assert.ok(row.filter((value) => value < 60).length > 60, 'the strokes of the letters');
  assert.ok(row.filter((value) => value > 200).length > 60, 'the spaces between them');
});

test('nothing outside of an SVG is read', async (t) => {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.png`;

  const folder = await mkdtemp(join(tmpdir(), 'pombo-svg-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'secret.png');
  await writeFile(
    file,
    await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer(),
  );

  for (const address of [url, file, pathToFileURL(file).href, 'secret.png']) {
    for (const reference of [
      `<image href="${address}" width="100" height="100"/>`,
      `<image xlink:href="${address}" width="100" height="100"/>`,
      `<style>@import url("${address}"); rect { fill: url("${address}#a") none }</style><rect width="100" height="100"/>`,
      `<use href="${address}#a"/>`,
      `<filter id="f"><feImage href="${address}"/></filter><rect width="100" height="100" fill="none" filter="url(#f)"/>`,
      `<text y="50"><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="${address}" parse="text"/></text>`,
      `<foreignObject width="100" height="100"><img xmlns="http://www.w3.org/1999/xhtml" src="${address}"/></foreignObject>`,
    ]) {
      const pixel = await pixelsOf(`<svg ${namespaces} viewBox="0 0 100 100">${reference}</svg>`);
      for (const at of [20, 320, 600]) assertNear(pixel(at, at), [255, 255, 255], reference);
    }
    // An entity is either left out or makes the whole unreadable; a DTD is not loaded.
    const doctype = `<!DOCTYPE svg SYSTEM "${address}" [<!ENTITY secret SYSTEM "${address}">]>`;
    const entity = `${doctype}<svg ${namespaces} viewBox="0 0 9 9"><text>&secret;</text></svg>`;
    assert.match(await failureOf(entity), /^picture_unreadable/);
  }
  assert.equal(connections, 0);
});

test('entities that unfold without end are refused', async () => {
  const levels = Array.from(
    { length: 9 },
    (_, level) => `<!ENTITY e${level + 1} "${`&e${level};`.repeat(10)}">`,
  );
  const doctype = `<!DOCTYPE svg [<!ENTITY e0 "<path d='M0 0h9'/>">${levels.join('')}]>`;
  assert.match(
    await failureOf(`${doctype}<svg ${namespaces} viewBox="0 0 9 9">&e9;</svg>`),
    /^picture_unreadable/,
  );
});

test('an SVG that cannot be drawn is refused', async () => {
  for (const drawing of [
    `<svg ${namespaces} viewBox="0 0 24 24">${content}`,
    `<svg ${namespaces} width="0" height="0">${content}</svg>`,
    `<svg ${namespaces} width="9000" height="10">${content}</svg>`,
    `<svg ${namespaces} viewBox="0 0 9 9">${'<g>'.repeat(5_000)}${'</g>'.repeat(5_000)}</svg>`,
  ]) {
    assert.match(await failureOf(drawing), /^picture_unreadable/);
  }
});

test('an SVG of more bytes than a drawing needs is too large', async () => {
  const padding = Buffer.alloc(4 * 2 ** 20, ' ');
  assert.match(
    await failureOf(Buffer.concat([Buffer.from('<svg '), padding])),
    /^picture_too_large: .*4 MiB/,
  );
});
