/**
 * The ids of the house: branded strings, made and parsed here only.
 *
 * Outside (HTTP) a group is `120363019502650977-group` and a person `5511999990000`; inside (WhatsApp) they are
 * `120363019502650977@g.us` and `5511999990000@s.whatsapp.net` or `…@lid`. Everything above `whatsapp/` holds the
 * inside form, and `http/` and the operations translate at the edge with the functions below.
 */
type Branded<Name extends string> = string & { readonly [brand]: Name };
declare const brand: unique symbol;

/** An instance: 32 upper-case hex digits, as Z-API's. */
export type InstanceId = Branded<'InstanceId'>;

/** A group as WhatsApp addresses it: `120363019502650977@g.us`, or the old `5511999990000-1623281429@g.us`. */
export type GroupId = Branded<'GroupId'>;

/** A person as WhatsApp addresses them, without a device: `5511999990000@s.whatsapp.net` or `…@lid`. */
export type UserId = Branded<'UserId'>;

/** A phone number with country code, digits only. */
export type PhoneNumber = Branded<'PhoneNumber'>;

/** The id of one picture, given by WhatsApp: an opaque decimal string that grows with every change. */
export type PictureId = Branded<'PictureId'>;

/** The id of one message, given by whoever sent it. */
export type MessageId = Branded<'MessageId'>;

/** The id of one call, given by whoever calls. */
export type CallId = Branded<'CallId'>;

/** Work that goes on after its request was answered: a UUID. */
export type JobId = Branded<'JobId'>;

export const instanceIdFrom = (text: string): InstanceId => text as InstanceId;
export const pictureIdFrom = (text: string): PictureId => text as PictureId;
export const messageIdFrom = (text: string): MessageId => text as MessageId;
export const callIdFrom = (text: string): CallId => text as CallId;
export const jobIdFrom = (text: string): JobId => text as JobId;

const groupForms = /^(?<user>\d{5,25}(?:-\d{9,11})?)(?:-group|@g\.us)?$/;

/**
 * Reads a group id in any form that integrators send: `…-group`, `…@g.us`, bare digits, and the old
 * `<creator>-<unix seconds>` with or without suffix. `undefined` when it is none of these.
 */
export function parseGroupId(text: string): GroupId | undefined {
  const user = groupForms.exec(text.trim())?.groups?.user;
  return user === undefined ? undefined : (`${user}@g.us` as GroupId);
}

/** The group id as the API writes it: `120363019502650977-group`, or `5511999990000-1623281429` for an old one. */
export function formatGroupId(id: GroupId): string {
  const user = id.slice(0, -'@g.us'.length);
  return user.includes('-') ? user : `${user}-group`;
}

/** A community's id as the API writes it: the digits alone. */
export const formatCommunityId = (id: GroupId): string => id.slice(0, -'@g.us'.length);

/** Reads a phone number with country code; spaces, dashes, brackets and a leading `+` are tolerated. */
export function parsePhoneNumber(text: string): PhoneNumber | undefined {
  if (text.length > 64) return undefined; // whoever sends megabytes of blanks shall not keep us busy
  const digits = text.replace(/[\s()+.-]/g, '');
  return /^\d{8,15}$/.test(digits) ? (digits as PhoneNumber) : undefined;
}

/** The WhatsApp address of a phone number. */
export const userIdOfPhone = (phone: PhoneNumber): UserId => `${phone}@s.whatsapp.net` as UserId;

/** A WhatsApp address of a person (`…@s.whatsapp.net`, `…@lid`, with or without a device) without its device. */
export function parseUserId(text: string): UserId | undefined {
  const match = /^(\d+)(?:[:_]\d+)*@(s\.whatsapp\.net|lid|c\.us)$/.exec(text);
  if (!match) return undefined;
  const [, user, server] = match;
  return `${user}@${server === 'lid' ? 'lid' : 's.whatsapp.net'}` as UserId;
}

/** A person as the API writes them: bare digits for a phone number, `…@lid` for a LID. */
export const formatUserId = (id: UserId): string =>
  id.endsWith('@lid') ? id : id.slice(0, -'@s.whatsapp.net'.length);
