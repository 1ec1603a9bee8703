import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeDataUri } from '../base64/data-uri.ts';
import { decodeBase64 } from '../base64/decode-base64.ts';
import { GatewayError } from '../errors.ts';
import { parseJson } from './json.ts';
import { JsonBody, maxTextBytes } from './json-body.ts';

const pictureNames = ['groupPhoto', 'photo', 'image'];

/** Reads a body in chunks of these sizes, the last of which is repeated. */
function read(
  body: string | Buffer,
  chunkSizes: readonly number[] = [65_536],
  lengthBytes?: number,
): unknown {
  const bytes = Buffer.from(body);
  const reader = new JsonBody({ pictureNames, lengthBytes });
  let start = 0;
  for (let chunk = 0; start < bytes.length; chunk++) {
    const sizeBytes = chunkSizes[Math.min(chunk, chunkSizes.length - 1)] ?? 1;
    reader.push(Buffer.from(bytes.subarray(start, start + sizeBytes)));
    start += sizeBytes;
  }
  return reader.end();
}

test('an integer that a double cannot hold keeps its digits', () => {
  assert.deepEqual(read('{"groupId": 120363019502650977, "n": 12, "x": 1.5, "list": [-9007199254740993]}'), {
    groupId: '120363019502650977',
    n: 12,
    x: 1.5,
    list: ['-9007199254740993'],
  });
});

test('a byte order mark and blanks around a body do not matter', () => {
  assert.deepEqual(read('\uFEFF {"a": 1}\r\n'), { a: 1 });
});

test('nothing, and nothing but blanks, is no body', () => {
  for (const body of ['', ' \r\n', '\uFEFF']) assert.equal(read(body), undefined);
});

test('broken JSON is an invalid request that says where it breaks', () => {
  assert.throws(() => read('{"a" 1}'), {
    code: 'invalid_request',
    message: /not valid JSON.*position 5/,
  });
});

test('more values than any operation takes are refused, however they are nested', () => {
  const tooMany = { code: 'invalid_request', message: /more than 10000 values/ };
  for (const values of ['0,'.repeat(10_000), '{},'.repeat(5_000), '['.repeat(10_000), '"",'.repeat(10_000)]) {
    assert.throws(() => read(`[${values}`), tooMany, values.slice(0, 3));
  }
  assert.equal((read(`[${'0,'.repeat(9_999)}0]`) as unknown[]).length, 10_000);
});

test('what stands within strings is no value', () => {
  const text = String.raw`\",[{\\`.repeat(10_000);
  assert.deepEqual(read(`{"a": "${text}", "b": ["${text}"]}`), {
    a: '",[{\\'.repeat(10_000),
    b: ['",[{\\'.repeat(10_000)],
  });
});

describe('a long picture', () => {
  const bytes = Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index * index) % 251));
  const base64 = bytes.toString('base64');
  const bodies = {
    'as JSON.stringify writes it': JSON.stringify({ groupId: 'a', groupPhoto: base64, fit: 'cover' }),
    'as PHP writes it': JSON.stringify({ groupPhoto: base64 }).replaceAll('/', '\\/'),
    'in lines': JSON.stringify({ groupPhoto: base64.replace(/(.{76})/g, '$1\r\n') }),
    'with a plus as escape': JSON.stringify({ groupPhoto: base64 }).replaceAll('+', '\\u002b'),
    'in a data URI': JSON.stringify({ groupPhoto: `data:image/png;base64,${base64}` }),
    'in a percent-encoded data URI': JSON.stringify({
      groupPhoto: `data:;base64,${encodeURIComponent(base64)}`,
    }),
    'URL-safe': JSON.stringify({ groupPhoto: bytes.toString('base64url') }),
    'with blanks of every kind around it': JSON.stringify({
      groupPhoto: `\u2003\n ${base64} \n\u00a0\uFEFF `,
    }),
    'under an alias': JSON.stringify({ photo: base64 }),
    'under a name with escapes': `{"group\\u0050hoto":"${base64}"}`,
    'after other values': JSON.stringify({
      a: { groupPhoto: 'no' },
      b: ['groupPhoto', 1],
      groupPhoto: base64,
    }),
  };
  for (const [how, body] of Object.entries(bodies)) {
    test(`is bytes ${how}, wherever its body is cut into chunks`, () => {
      for (const sizes of [[65_536], [1], [4_097], [100, 7], [body.length]]) {
        const { groupPhoto, photo, ...others } = read(body, sizes, body.length) as Record<string, unknown>;
        const picture = groupPhoto ?? photo;
        assert.ok(picture instanceof Uint8Array);
        assert.ok(bytes.equals(picture));
        const { groupPhoto: _, photo: __, ...expected } = JSON.parse(body);
        assert.deepEqual(others, expected);
      }
    });
  }

  test('is the last one of those under its name, and each of those under its names', () => {
    const other = Buffer.alloc(9_000, 7);
    const [first, second] = [base64, other.toString('base64')];
    const again = read(`{"groupPhoto":"${first}","image":"${first}","groupPhoto":"${second}"}`);
    assert.deepEqual(again, { groupPhoto: other, image: bytes });
    assert.deepEqual(read(`{"groupPhoto":"${first}","groupPhoto":"short"}`), { groupPhoto: 'short' });
    assert.deepEqual(read(`{"groupPhoto":"short","groupPhoto":"${second}"}`), { groupPhoto: other });
  });

  test('is left alone where it is no field of the body', () => {
    for (const body of [
      { a: { groupPhoto: base64 } },
      [base64],
      base64,
      { groupPhoto: [base64] },
      [1, 'groupPhoto', base64],
    ]) {
      assert.deepEqual(read(JSON.stringify(body)), body);
    }
  });

  test('is found behind another one, even when that is full of escapes', () => {
    for (const length of [4_094, 4_095, 4_096]) {
      const first = `${'A'.repeat(length)}\\/${'A'.repeat(4_099 - length)}`;
      const { image } = read(`{"groupPhoto":"${first}","image":"${base64}"}`) as { image: Uint8Array };
      assert.ok(bytes.equals(image), String(length));
    }
  });

  test('ends where it ends: nothing may follow a blank that Base64 does not know', () => {
    for (const sizes of [[65_536], [1]]) {
      const { groupPhoto } = read(`{"groupPhoto":"${bytes.toString('base64url')}\u00a0AAAA"}`, sizes) as {
        groupPhoto: string;
      };
      assert.equal(decodeBase64(groupPhoto.trim()), undefined);
    }
  });

  test('does not hide that the body is broken', () => {
    const start = `{"groupPhoto":"${base64}`;
    for (const body of [
      start,
      `${start}"`,
      `${start}",}`,
      `${start}"}}`,
      `${start}\n"}`,
      `${start}\\x"}`,
      `${start}\\u00"}`,
      `${start}" "a": 1}`,
    ]) {
      assert.throws(() => read(body), { code: 'invalid_request', message: /not valid JSON/ });
    }
    assert.throws(() => read(`${start}",}`), /position 53 .*counted without the Base64/);
  });
});

describe('beside a picture', () => {
  const tooMuch = { code: 'body_too_large', details: { limitBytes: maxTextBytes } };

  test('a drawing of 4 MiB is read, as text', () => {
    const drawing = '<path d="M0 0"/>'.repeat(2 ** 18);
    for (const groupPhoto of [
      `data:image/svg+xml,${drawing}`,
      `data:image/svg+xml,${encodeURIComponent('ç'.repeat(2 ** 18 * 2.5))}`,
    ]) {
      assert.deepEqual(read(JSON.stringify({ groupPhoto })), { groupPhoto });
    }
  });

  test('more text than can be parsed in a moment is too much, in whatever form', () => {
    const text = 'a'.repeat(maxTextBytes);
    for (const body of [{ text }, { groupPhoto: `<svg>${text}` }, { groupPhoto: `data:,${text}` }, [text]]) {
      assert.throws(() => read(JSON.stringify(body)), tooMuch);
    }
    assert.throws(() => read(' '.repeat(maxTextBytes + 1)), tooMuch);
  });

  test('a picture is never too much: it is no text', () => {
    const bytes = Buffer.alloc(maxTextBytes, 1);
    const { groupPhoto } = read(`{"groupPhoto":"${bytes.toString('base64')}"}`) as { groupPhoto: Uint8Array };
    assert.ok(bytes.equals(groupPhoto));
  });

  test('what turns out to be no Base64 after megabytes is judged as such, and not as too much text', () => {
    const { groupPhoto } = read(
      `{"groupPhoto":"${'A'.repeat(maxTextBytes)}!${'A'.repeat(maxTextBytes)}"}`,
    ) as {
      groupPhoto: string;
    };
    assert.equal(decodeBase64(groupPhoto), undefined);
    assert.ok(groupPhoto.length < 10_000);
  });
});

test('however a body is written, broken or cut into chunks, it means what it means as a whole', () => {
  fc.assert(
    fc.property(mutatedBodies, chunkSizes, fc.boolean(), (body, sizes, isLengthKnown) => {
      const streamed = outcomeOf(() => read(body, sizes, isLengthKnown ? body.length : undefined));
      assert.deepEqual(
        streamed,
        outcomeOf(() => parseJson(body.toString())),
      );
    }),
    { numRuns: 400 },
  );
});

/** The value, with each picture as the bytes or the refusal that become of it; or the error and its kind. */
function outcomeOf(readBody: () => unknown): unknown {
  try {
    const body = readBody();
    if (typeof body !== 'object' || body === null) return body;
    return Object.fromEntries(
      Object.entries(body).map(([name, value]) => [
        name,
        pictureNames.includes(name) ? picture(value) : value,
      ]),
    );
  } catch (error) {
    assert.ok(error instanceof GatewayError, String(error));
    return `${error.code}: ${error.message.split(':')[0]}`;
  }
}

function picture(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value !== 'string') return value;
  const text = value.trim();
  const scheme = /^([a-z][a-z\d+.-]{0,31}):/i.exec(text)?.[1]?.toLowerCase();
  if (text === '' || (scheme !== undefined && scheme !== 'data')) return `URL ${text}`;
  const bytes = scheme === 'data' ? decodeDataUri(text) : decodeBase64(text);
  return bytes ? Buffer.from(bytes).toString('hex') : `unreadable, ${scheme}`;
}

// Small numbers are where chunks cut through escapes, large ones where they hold whole strings.
const chunkSizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9_000 })), {
  minLength: 1,
  maxLength: 12,
});

const pictureTexts = fc
  .record({
    bytes: fc
      .record({ size: fc.integer({ min: 2_900, max: 6_000 }), factor: fc.integer({ min: 1, max: 250 }) })
      .map(({ size, factor }) =>
        Buffer.from(Array.from({ length: size }, (_, index) => (index * index * factor) >> 3)),
      ),
    encoding: fc.constantFrom('base64' as const, 'base64url' as const),
    lineLength: fc.constantFrom(0, 0, 60, 76),
    head: fc.constantFrom(
      '',
      '',
      'data:image/png;base64,',
      'DATA:; BASE64 ,',
      'data:image/svg+xml,',
      '  ',
      '\u00a0',
      ' '.repeat(4_095),
      `${' '.repeat(4_090)}https:`,
    ),
    tail: fc.constantFrom(
      '',
      '',
      '',
      '=',
      '==',
      '=A',
      ' ',
      '\u00a0 ',
      '\u2028',
      '\u00a0A',
      '%',
      '%3D',
      '%3',
      '…',
    ),
    foreign: fc.option(
      fc.record({
        at: fc.nat(10_000),
        text: fc.constantFrom(
          '%2B',
          '%2b',
          '%',
          '!',
          ':',
          '=',
          ' ',
          '\v',
          '\u00a0',
          'é',
          '\ud83d',
          '"',
          '\\',
          '\0',
        ),
      }),
      { freq: 2 },
    ),
    isPercentEncoded: fc.boolean(),
  })
  .map(({ bytes, encoding, lineLength, head, tail, foreign, isPercentEncoded }) => {
    let text = bytes.toString(encoding);
    if (lineLength > 0) text = text.replace(new RegExp(`(.{${lineLength}})`, 'g'), '$1\r\n');
    if (isPercentEncoded && head.toLowerCase().startsWith('data:')) text = encodeURIComponent(text);
    text += tail;
    if (foreign) {
      const at = foreign.at % text.length;
      text = text.slice(0, at) + foreign.text + text.slice(at);
    }
    return head + text;
  });

/** A text as JSON, with some of its letters as escapes. */
const jsonTexts = (texts: fc.Arbitrary<string>) =>
  fc.record({ text: texts, how: fc.constantFrom('plain', 'php', 'letters', 'all') }).map(({ text, how }) => {
    const source = JSON.stringify(text);
    if (how === 'php') return source.replaceAll('/', '\\/');
    if (how === 'letters') return source.replace(/(?<!\\(?:u[\da-f]{0,3})?)[A-F+=]/g, unicodeEscape);
    if (how === 'all') return `"${Array.from(text.slice(0, 2_000), unicodeEscape).join('')}"`;
    return source;
  });

function unicodeEscape(character: string): string {
  return character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const keys = fc.constantFrom(
  '"groupPhoto"',
  '"photo"',
  '"image"',
  '"gro\\u0075pPhoto"',
  '"groupId"',
  '"__proto__"',
);

const values = fc.oneof(
  { weight: 5, arbitrary: jsonTexts(pictureTexts) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: jsonTexts(pictureTexts).map((text) => `{"groupPhoto":${text}}`) },
  { weight: 1, arbitrary: jsonTexts(pictureTexts).map((text) => `[${text}, "groupPhoto"]`) },
);

const bodies = fc
  .array(fc.tuple(keys, values, fc.constantFrom('', ' ', '\r\n\t')), { minLength: 1, maxLength: 3 })
  .map(
    (fields) =>
      `{${fields.map(([key, value, blank]) => `${blank}${key}${blank}:${blank}${value}${blank}`).join()}}`,
  );

const mutatedBodies = fc
  .tuple(
    bodies,
    fc.option(
      fc.record({
        at: fc.nat(30_000),
        remove: fc.constantFrom(0, 1, 5, 100_000),
        insert: fc.constantFrom(
          '',
          '"',
          '\\',
          ',',
          '{',
          ']',
          '\n',
          '\\u',
          '\\u00',
          '\\"',
          '\\\\',
          'x',
          '\xff',
        ),
      }),
    ),
  )
  .map(([text, mutation]) => {
    const body = Buffer.from(text);
    if (!mutation) return body;
    const at = mutation.at % (body.length + 1);
    const inserted = Buffer.from(mutation.insert, 'latin1'); // a lone 0xff is no UTF-8
    return Buffer.concat([body.subarray(0, at), inserted, body.subarray(at + mutation.remove)]);
  });
