import assert from 'node:assert/strict';
import { test } from 'node:test';
import { externalReferenceOf } from './external-references.ts';

const referenceIn = (content: string) =>
  externalReferenceOf(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${content}</svg>`));

test('what an SVG refers to outside of itself is found', () => {
  for (const [content, reference] of Object.entries({
    '<image href="https://example.com/a.png"/>': 'https://example.com/a.png',
    "<image width='9'\n xlink:href = 'logo.png' />": 'logo.png',
    '<svg:use href="symbols.svg#star"/>': 'symbols.svg#star',
    '<style>@import url("fonts.css");</style>': 'fonts.css',
    "<style>@import 'fonts.css';</style>": 'fonts.css',
    '<style>@font-face { src: url(//fonts.example/a.woff2) }</style>': '//fonts.example/a.woff2',
    '<rect fill="url(other.svg#red)"/>': 'other.svg#red',
    '<?xml-stylesheet href="style.css"?>': 'style.css',
  })) {
    assert.equal(referenceIn(content), reference, content);
  }
});

test('what an SVG brings along is nothing outside', () => {
  for (const content of [
    '<use href="#star"/><use xlink:href=" #star"/>',
    '<image href="data:image/png;base64,AAAA"/>',
    '<rect fill="url(#red)" style="fill:url(\'#red\'); mask: url( &quot;#hole&quot; )"/>',
    '<a href="https://example.com"><text>example.com</text></a><svg:a xlink:href="https://example.com"/>',
    '<!-- <image href="https://example.com/a.png"/> url(a.png) -->',
    '<text>an image href="a.png"</text>',
  ]) {
    assert.equal(referenceIn(content), undefined, content);
  }
});

test('a text that is made to be slow to search is searched at once', () => {
  // Where a search tries again for each space or each name, these take minutes.
  for (const content of [
    `<rect fill="url(${' '.repeat(1e6)}#a)"/>`,
    `<image ${'href '.repeat(4e5)}/>`,
    '<image x'.repeat(3e5),
    '<!--'.repeat(5e5),
    `<image href="${' '.repeat(1e6)}#a"/>`,
  ]) {
    assert.equal(referenceIn(content), undefined, content.slice(0, 40));
  }
});
