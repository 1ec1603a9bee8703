/**
 * What an operation is: one HTTP operation, declared once. Routes, validation, authentication, error bodies, OpenAPI
 * and the common tests are derived from the declarations in `operations/`; an operation sees neither request nor
 * response.
 */
import { type Static, type StaticDecode, type TObject, type TSchema, Type } from 'typebox';
import type { ErrorCode } from './errors.ts';
import type { GroupId, InstanceId, JobId, PhoneNumber, PictureId, UserId } from './ids.ts';
import type { PhotoOptions, RenderedPhoto } from './pictures/photo.ts';
import type { Me, PhotoSize, WhatsApp } from './whatsapp/whatsapp.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

interface Declaration<Input extends TObject, Output extends TSchema> {
  /** The name in the API's reference, and the name of the file: `update-group-photo`. */
  readonly name: string;
  /** The section of the API's reference, and the folder of the file. */
  readonly section: 'instance' | 'partner' | 'group' | 'job';
  readonly method: Method;
  /** Further methods that clients send although Z-API's reference names one. */
  readonly alsoMethods?: readonly Method[];
  /**
   * Below `/instances/{instanceId}/token/{token}`; for partner operations the whole path. `{phone}` takes the input
   * field of that name from the path. Other input fields come from the query (GET, DELETE) or the JSON body.
   */
  readonly path: `/${string}`;
  /** One sentence for the reference. */
  readonly summary: string;
  readonly description?: string;
  readonly input: Input;
  /** Other names under which clients send a field: `{ groupId: ['phone'] }`. The field's own name wins. */
  readonly aliases?: { readonly [Field in keyof Static<Input>]?: readonly string[] };
  readonly output: Output;
  /** The status of a success, where it is not 200. */
  readonly successStatus?: 202;
  /**
   * Ours and not Z-API's: the reference marks it, and what WhatsApp refuses is always answered with the status of the
   * error.
   */
  readonly isExtension?: true;
  /**
   * The field that a file can fill: as the file part of that name (or an alias) in `multipart/form-data`, or as the
   * body itself (`image/*`, `application/octet-stream`), the other fields then standing in the query.
   */
  readonly upload?: string;
  /** Whether callers may send an `Idempotency-Key`: the same key and input get the first answer again. */
  readonly takesIdempotencyKey?: true;
  /** An input and the answer to it (unless that is a file), for the reference; both are held against the schemas. */
  readonly example: { readonly input: Static<Input>; readonly output?: Static<Output> };
  /** The errors beyond those that every operation of its kind has. */
  readonly errors: readonly ErrorCode[];
}

/** What is kept of an instance, as far as operations show it. */
export interface Instance {
  readonly id: InstanceId;
  readonly name: string;
  /** The secret in the instance's path. */
  readonly token: string;
  readonly createdAt: Date;
  /** What was set at creation or later, under the API's own names (`receivedCallbackUrl`, `callRejectAuto` …). */
  readonly settings: Readonly<Record<string, string | boolean>>;
}

/** Where a session stands, for people. */
export interface SessionStatus {
  readonly state: 'unpaired' | 'pairing' | 'connecting' | 'online' | 'waiting' | 'stopped' | 'loggedOut';
  readonly connected: boolean;
  /** The keys of a paired phone are there, whether or not it is connected right now. */
  readonly paired: boolean;
  readonly me: Me | undefined;
}

/** The session of one instance, as operations use it. */
export interface SessionControl {
  status(): SessionStatus;
  /**
   * The pairing code to show as a QR, starting to pair when need be; waits for the first one.
   * Errors: `already_connected`, `not_connected` (paired and reconnecting, no QR to give), `whatsapp_timeout`.
   */
  qr(): Promise<string>;
  /**
   * An 8-character code to type on the phone.
   * Errors: `already_connected`, `not_connected`, `pairing_refused`, `whatsapp_rate_limited`, `whatsapp_unavailable`,
   * `whatsapp_timeout`.
   */
  pairingCode(phone: PhoneNumber): Promise<string>;
  /** Logs this device out of WhatsApp and forgets its keys; harmless when there is none. */
  disconnect(): Promise<void>;
  /** Closes the connection and opens it again with the same keys. */
  restart(): Promise<void>;
}

/** A place in a line: changes of one group are made one after another, in the order in which they took their turns. */
export interface Turn extends Disposable {
  /** Resolves when all earlier turns of the same group are over. */
  readonly arrived: Promise<void>;
}

/** A picture as callers give it: an http or https URL, a data URI or Base64 as text, or the bytes themselves. */
export type PictureSource = string | Uint8Array;

/** The photo that a group shows right now. */
export interface ShownPhoto {
  readonly id: PictureId;
  /** The JPEG. Errors: `whatsapp_timeout`, `whatsapp_unavailable`. */
  read(): Promise<Uint8Array>;
}

/** The output of operations that answer with a photo itself: its bytes, with its id as `ETag`. */
export const photoFile = Type.Unsafe<ShownPhoto>({
  type: 'string',
  format: 'binary',
  contentMediaType: 'image/jpeg',
});

/** What is known of one photo of a group. */
export interface PhotoRecord {
  readonly id: PictureId;
  /** Who set it; `undefined` when nobody told us. */
  readonly setBy: UserId | undefined;
  /** As we were told, else as the id tells; `undefined` when neither does. */
  readonly setAt: Date | undefined;
  /** Whether it was set through this gateway. */
  readonly byUs: boolean;
  /** The photo that this one brought back. */
  readonly restores: PictureId | undefined;
  /** What the bytes are, kept or not; `undefined` while they were not seen. */
  readonly file:
    | {
        /** Hex. */
        readonly sha256: string;
        readonly sizeBytes: number;
        readonly width: number;
        readonly height: number;
      }
    | undefined;
}

/** The photos of the groups of one instance: what they show, what they showed, and changing them. */
export interface GroupPhotos {
  /**
   * Takes the next place in the line of a group's changes; disposing it lets the next one go on.
   * Errors: `rate_limited` when too many wait.
   */
  takeTurn(group: GroupId): Turn;
  /**
   * Makes the group show this JPEG; to be called once a turn has arrived. Resolves when it does: WhatsApp confirmed
   * it, or the outcome was looked up after the confirmation was lost, or the group showed exactly this photo already
   * (then WhatsApp is not asked to change it, unless `force`).
   * Errors: those of `WhatsApp.setGroupPhoto`.
   */
  set(
    group: GroupId,
    jpeg: Uint8Array,
    options?: { readonly force?: boolean | undefined },
  ): Promise<PictureId>;
  /** Leaves the group without a photo; to be called once a turn has arrived. Errors: as `set`. */
  remove(group: GroupId): Promise<void>;
  /**
   * What the group shows; `undefined` when it has no photo.
   * Errors: `group_not_found`, `not_group_member`, `whatsapp_*`, `not_connected`.
   */
  shown(group: GroupId, size: PhotoSize): Promise<ShownPhoto | undefined>;
  /** What is known of the photo that the group shows; `undefined` when it has none. Errors: as `shown`. */
  info(group: GroupId): Promise<PhotoRecord | undefined>;
  /** The photos that we set or saw, newest first. Needs no connection. */
  history(group: GroupId): Promise<readonly PhotoRecord[]>;
  /** The bytes of a photo of the history; `undefined` when they are not kept. Needs no connection. */
  past(group: GroupId, id: PictureId): Promise<Uint8Array | undefined>;
  /**
   * Goes back to what the group showed before its present photo, or to the photo `id` of the history; to be called
   * once a turn has arrived. Done again, it goes back one more. Resolves with the id of the photo that the group shows
   * now, `undefined` when it showed none before either.
   * Errors: `no_earlier_photo`; those of `set`.
   */
  undo(group: GroupId, id?: PictureId): Promise<PictureId | undefined>;
}

/** Changing the photos of many groups: goes on by itself, also after a restart. */
export interface PhotoJob {
  readonly id: JobId;
  readonly state: 'running' | 'done' | 'cancelled';
  readonly createdAt: Date;
  readonly finishedAt: Date | undefined;
  /** One for each group, in the order in which they were given. */
  readonly results: readonly {
    readonly group: GroupId;
    readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
    /** When done. */
    readonly pictureId: PictureId | undefined;
    /** When failed, or while it waits to be tried again: what went wrong last. */
    readonly failure: { readonly code: ErrorCode; readonly message: string } | undefined;
  }[];
}

/** The jobs of one instance. */
export interface PhotoJobs {
  /**
   * Begins a job of the number that is paired now; a group that is named twice is changed once.
   * Errors: `rate_limited` when too many are unfinished, `not_connected` when no number is paired.
   */
  start(
    groups: readonly GroupId[],
    jpeg: Uint8Array,
    options?: { readonly force?: boolean | undefined },
  ): Promise<PhotoJob>;
  find(id: JobId): Promise<PhotoJob | undefined>;
  /** The newest `atMost` of them, the last one first. */
  list(atMost: number): Promise<readonly PhotoJob[]>;
  /** Groups whose turn has not come keep their photo; the change under way is finished. `undefined`: no such job. */
  cancel(id: JobId): Promise<PhotoJob | undefined>;
}

export interface InstanceContext {
  readonly instance: Instance;
  readonly session: SessionControl;
  readonly groupPhotos: GroupPhotos;
  readonly photoJobs: PhotoJobs;
  /** The bytes of a picture. Errors: `picture_*`, `overloaded`. */
  readPicture(source: PictureSource): Promise<Uint8Array>;
  /**
   * The square JPEG that a group shows. Takes the source, which may be empty afterwards.
   * Errors: `picture_unreadable`, `picture_too_large`, `overloaded`.
   */
  renderGroupPhoto(source: Uint8Array, options?: PhotoOptions): Promise<RenderedPhoto>;
}

export interface ConnectedContext extends InstanceContext {
  readonly whatsapp: WhatsApp;
}

export interface PartnerContext {
  createInstance(settings: { name: string } & Instance['settings']): Promise<Instance>;
}

interface Handles<Input extends TObject, Output extends TSchema, Context> {
  handle(input: StaticDecode<Input>, context: Context): Promise<Static<Output>>;
}

// The lists of operations hold them with their types forgotten: the schemas guard what goes in and out.
// biome-ignore lint/suspicious/noExplicitAny: a handler of any input has to fit the list
type AnyDeclaration<Context> = Declaration<any, any> & Handles<any, any, Context>;

export type Operation =
  | ({ readonly kind: 'partner' } & AnyDeclaration<PartnerContext>)
  | ({ readonly kind: 'instance' } & AnyDeclaration<InstanceContext>)
  | ({ readonly kind: 'connected' } & AnyDeclaration<ConnectedContext>);

/** An operation on instances: authorised by the partner token. */
export const partnerOperation = <Input extends TObject, Output extends TSchema>(
  declaration: Declaration<Input, Output> & Handles<Input, Output, PartnerContext>,
) => ({ kind: 'partner' as const, ...declaration });

/** An operation on one instance, connected or not. */
export const instanceOperation = <Input extends TObject, Output extends TSchema>(
  declaration: Declaration<Input, Output> & Handles<Input, Output, InstanceContext>,
) => ({ kind: 'instance' as const, ...declaration });

/** An operation that needs the instance's live connection to WhatsApp. */
export const connectedOperation = <Input extends TObject, Output extends TSchema>(
  declaration: Declaration<Input, Output> & Handles<Input, Output, ConnectedContext>,
) => ({ kind: 'connected' as const, ...declaration });

const errorsOfAll: readonly ErrorCode[] = ['invalid_request', 'method_not_allowed', 'internal'];
const errorsOfBodies: readonly ErrorCode[] = [
  'unsupported_media_type',
  'body_too_large',
  'request_timeout',
  'overloaded',
];
const errorsOfInstances: readonly ErrorCode[] = [
  'client_token_missing',
  'client_token_wrong',
  'instance_not_found',
];

const errorsOfKind: Record<Operation['kind'], readonly ErrorCode[]> = {
  partner: ['partner_token_missing', 'partner_token_wrong'],
  instance: errorsOfInstances,
  connected: [
    ...errorsOfInstances,
    'not_connected',
    'whatsapp_refused',
    'whatsapp_rate_limited',
    'whatsapp_unavailable',
  ],
};

/** The methods that an operation takes, the documented one first. */
export const methodsOf = ({ method, alsoMethods = [] }: Operation): Method[] => [method, ...alsoMethods];

/** The address of an operation, its parameters written as `{name}`. */
export const addressOf = ({ kind, path }: Operation): string =>
  kind === 'partner' ? path : `/instances/{instanceId}/token/{token}${path}`;

/** Every error code that an operation can answer with. */
export function errorsOf(operation: Operation): ErrorCode[] {
  const ofBodies = methodsOf(operation).some((method) => method !== 'GET') ? errorsOfBodies : [];
  const ofKeys: readonly ErrorCode[] = operation.takesIdempotencyKey ? ['idempotency_key_reused'] : [];
  const ofKind = errorsOfKind[operation.kind];
  return [...new Set([...errorsOfAll, ...ofBodies, ...ofKeys, ...ofKind, ...operation.errors])];
}
