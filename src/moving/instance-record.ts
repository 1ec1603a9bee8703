/** What an exported instance consists of, and the lines of JSON that it is written as. */
import { createHash } from 'node:crypto';
import { type GroupId, instanceIdFrom, parseGroupId, parseUserId, pictureIdFrom } from '../ids.ts';
import type { Instance } from '../instance.ts';
import type { Key, PhotoChange } from './house.ts';
import { MovingError } from './moving-error.ts';

export type InstanceRecord =
  /** Comes first, and once. */
  | { readonly kind: 'instance'; readonly instance: Instance; readonly exportedAt: Date }
  | ({ readonly kind: 'key' } & Key)
  /** A group's photos come one after another, oldest first. */
  | {
      readonly kind: 'photo';
      readonly group: GroupId;
      /** `restores` counts the photos of the group from 1. */
      readonly change: PhotoChange;
      readonly isKept: boolean;
      /** The bytes of a kept one, where `file` is named for the first time. */
      readonly jpeg: Uint8Array | undefined;
    };

/** One line, with its end. */
export function lineOf(record: InstanceRecord): string {
  const isWithBytes = record.kind === 'photo' && record.jpeg;
  const fields = isWithBytes ? { ...record, jpeg: Buffer.from(isWithBytes).toString('base64') } : record;
  return `${JSON.stringify(fields)}\n`;
}

/** Errors: `MovingError` when the line is none that this version of Pombo writes. */
export function recordFrom(line: string): InstanceRecord {
  try {
    const fields = JSON.parse(line);
    if (fields.kind === 'instance') {
      const { instance, exportedAt } = fields;
      return { kind: 'instance', instance: instanceFrom(instance), exportedAt: time(exportedAt) };
    }
    if (fields.kind === 'key') {
      const { type, id, value } = fields;
      return { kind: 'key', type: text(type), id: text(id), value: text(value) };
    }
    if (fields.kind === 'photo') return photoFrom(fields);
    throw new TypeError(`a kind that is not known: ${fields.kind}`);
  } catch (cause) {
    throw new MovingError('The file does not hold an instance as this version of Pombo exports it.', {
      cause,
    });
  }
}

// biome-ignore lint/suspicious/noExplicitAny: what stands in JSON is looked at member by member
type Json = any;

const instanceFrom = (fields: Json): Instance => ({
  id: instanceIdFrom(matching(/^[0-9A-F]{32}$/, fields.id)),
  token: matching(/^\w{16,128}$/, fields.token),
  name: text(fields.name),
  createdAt: time(fields.createdAt),
  settings: { ...fields.settings },
  subscription: {
    state: matching(/^(active|cancelled)$/, fields.subscription.state) as 'active' | 'cancelled',
    withCalls: yesOrNo(fields.subscription.withCalls),
  },
  proxy: optional(fields.proxy, ({ url, isEnabled }) => ({ url: text(url), isEnabled: yesOrNo(isEnabled) })),
  movedAt: undefined,
});

function photoFrom(fields: Json): InstanceRecord {
  const change = changeFrom(fields.change);
  const jpeg = optional(fields.jpeg, (base64) => Buffer.from(text(base64), 'base64'));
  // Pictures are kept once for all instances: one may not come under the name of another.
  const sha256 = jpeg && createHash('sha256').update(jpeg).digest('hex');
  if (sha256 !== undefined && sha256 !== change.file?.sha256) throw new TypeError('other bytes than it says');
  const group = known(parseGroupId(text(fields.group)));
  return { kind: 'photo', group, change, isKept: yesOrNo(fields.isKept), jpeg };
}

const changeFrom = (fields: Json): PhotoChange => ({
  pictureId: optional(fields.pictureId, (id) => pictureIdFrom(text(id))),
  setBy: optional(fields.setBy, (id) => known(parseUserId(text(id)))),
  setAt: optional(fields.setAt, time),
  byUs: yesOrNo(fields.byUs),
  restores: optional(fields.restores, count),
  file: optional(fields.file, ({ sha256, sizeBytes, width, height }) => ({
    sha256: matching(/^[0-9a-f]{64}$/, sha256),
    sizeBytes: count(sizeBytes),
    width: count(width),
    height: count(height),
  })),
});

const optional = <Value>(value: Json, read: (value: Json) => Value): Value | undefined =>
  value === undefined || value === null ? undefined : read(value);

function known<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new TypeError('a value is missing, or is not as it should be');
  return value;
}

const text = (value: Json): string => known(typeof value === 'string' ? value : undefined);
const yesOrNo = (value: Json): boolean => known(typeof value === 'boolean' ? value : undefined);
const count = (value: Json): number => known(Number.isSafeInteger(value) && value >= 0 ? value : undefined);
const matching = (pattern: RegExp, value: Json): string =>
  known(pattern.test(text(value)) ? value : undefined);

function time(value: Json): Date {
  const date = new Date(text(value));
  return known(Number.isNaN(date.getTime()) ? undefined : date);
}
