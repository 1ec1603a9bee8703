import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { instanceIdFrom, parseGroupId, pictureIdFrom } from '../ids.ts';
import { type InstanceRecord, lineOf, recordFrom } from './instance-record.ts';

const instance = {
  id: instanceIdFrom('0123456789ABCDEF0123456789ABCDEF'),
  token: 'FEDCBA9876543210FEDCBA9876543210',
  name: 'Loja\n🕊',
  createdAt: new Date('2026-01-02T03:04:05.678Z'),
  settings: { autoReadMessage: true },
  subscription: { state: 'active', withCalls: false },
  proxy: { url: 'socks5://proxy.example:1080', isEnabled: false },
  movedAt: undefined,
} as const;
const exportedAt = new Date('2026-03-04T05:06:07.089Z');
const jpeg = Buffer.from('a picture');
const photo = {
  kind: 'photo',
  group: parseGroupId('120363019502650977@g.us') ?? assert.fail(),
  change: {
    pictureId: pictureIdFrom('1700000000'),
    setBy: undefined,
    setAt: new Date('2026-01-02T03:04:05Z'),
    byUs: true,
    restores: 1,
    file: {
      sha256: createHash('sha256').update(jpeg).digest('hex'),
      sizeBytes: jpeg.length,
      width: 640,
      height: 480,
    },
  },
  isKept: true,
  jpeg,
} as const;
const nothing = {
  pictureId: undefined,
  setBy: undefined,
  setAt: undefined,
  byUs: false,
  restores: undefined,
  file: undefined,
};

test('a record reads back from its line as it was written', () => {
  const records: InstanceRecord[] = [
    { kind: 'instance', instance, exportedAt },
    { kind: 'key', type: 'session', id: '5511999990001.0', value: '{"a":"\n"}' },
    photo,
    { ...photo, change: nothing, isKept: false, jpeg: undefined },
  ];
  for (const record of records) {
    const line = lineOf(record);
    assert.deepEqual([line.indexOf('\n'), recordFrom(line)], [line.length - 1, record]);
  }
});

test('a line that no Pombo writes is refused', () => {
  const { change } = photo;
  const lines: unknown[] = [
    null,
    { kind: 'message' },
    { kind: 'key', type: 'session', id: 'a' },
    { kind: 'instance', exportedAt },
    { kind: 'instance', instance },
    { kind: 'instance', instance, exportedAt: 'yesterday' },
    { kind: 'instance', exportedAt, instance: { ...instance, id: '../..' } },
    { kind: 'instance', exportedAt, instance: { ...instance, token: '' } },
    { kind: 'instance', exportedAt, instance: { ...instance, createdAt: 'yesterday' } },
    {
      kind: 'instance',
      exportedAt,
      instance: { ...instance, subscription: { state: 'free', withCalls: true } },
    },
    { kind: 'instance', exportedAt, instance: { ...instance, proxy: { url: 7, isEnabled: true } } },
    { ...photo, group: 'family', jpeg: undefined },
    { ...photo, change: { ...change, restores: -1 }, jpeg: undefined },
    { ...photo, change: { ...change, file: { ...change.file, width: 1.5 } }, jpeg: undefined },
    { ...photo, jpeg: Buffer.from('another picture').toString('base64') },
    { ...photo, change: nothing, jpeg: jpeg.toString('base64') },
  ];
  for (const line of ['', 'oops', '{"kind":"key"', ...lines.map((fields) => JSON.stringify(fields))]) {
    assert.throws(() => recordFrom(line), { name: 'MovingError', message: /as this version of Pombo/ }, line);
  }
});
