/**
 * What an operation is: one HTTP operation, declared once. Routes, validation, authentication, error bodies, OpenAPI
 * and the common tests are derived from the declarations in `operations/`; an operation sees neither request nor
 * response.
 */
import { type Static, type StaticDecode, type TObject, type TSchema, Type } from 'typebox';
import type { ErrorCode } from './errors.ts';
import type { GroupPhotos, ShownPhoto } from './group-photos.ts';
import type { Instance, InstanceChange, InstancePage, InstanceSettings } from './instance.ts';
import type { PhotoJobs } from './photo-jobs.ts';
import type { PhotoOptions, RenderedPhoto } from './pictures/photo.ts';
import type { SessionControl, SessionStatus } from './session-control.ts';
import type { WhatsApp } from './whatsapp/whatsapp.ts';

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
  readonly path: '' | `/${string}`;
  /** One sentence for the reference. */
  readonly summary: string;
  readonly description?: string;
  readonly input: Input;
  /** Other names under which clients send a field: `{ groupId: ['phone'] }`. The field's own name wins. */
  readonly aliases?: { readonly [Field in keyof Static<Input>]?: readonly string[] };
  readonly output: Output;
  /** The status of a success, where it is not 200. */
  readonly successStatus?: 201 | 202;
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
  /** Those of them that Z-API answers with the bare sentence, a text in JSON, where all others are objects. */
  readonly bareErrors?: readonly ErrorCode[];
}

/** A picture as callers give it: an http or https URL, a data URI or Base64 as text, or the bytes themselves. */
export type PictureSource = string | Uint8Array;

/** The output of operations that answer with the word `OK` as plain text. */
export const plainOk = Type.Literal('OK', { description: 'It was done.' });

/** The output of operations that answer with a photo itself: its bytes, with its id as `ETag`. */
export const photoFile = Type.Unsafe<ShownPhoto>({
  type: 'string',
  format: 'binary',
  contentMediaType: 'image/jpeg',
});

export interface InstanceContext {
  readonly instance: Instance;
  /** Keeps a change of the instance, and resolves with what it comes to. */
  updateInstance(change: InstanceChange): Promise<Instance>;
  /** Unlinks the phone and forgets the instance with all that was kept of it. */
  deleteInstance(): Promise<void>;
  /** Whether WhatsApp can be reached by way of this proxy, right now. */
  isProxyReachable(url: string): Promise<boolean>;
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

/** What every partner operation works with. */
export interface PartnerContext {
  createInstance(instance: { readonly name: string; readonly settings: InstanceSettings }): Promise<Instance>;
  /** One page of the instances, oldest first, and how many there are on all pages. */
  listInstances(
    page: InstancePage,
  ): Promise<{ readonly instances: readonly InstanceWithStatus[]; readonly total: number }>;
}

export interface InstanceWithStatus {
  readonly instance: Instance;
  readonly status: SessionStatus;
}

interface Handles<Input extends TObject, Output extends TSchema, Context> {
  handle(input: StaticDecode<Input>, context: Context): Promise<Static<Output>>;
}

// The lists of operations hold them with their types forgotten: the schemas guard what goes in and out.
// biome-ignore lint/suspicious/noExplicitAny: a handler of any input has to fit the list
type AnyDeclaration<Context> = Declaration<any, any> & Handles<any, any, Context>;

export type Operation =
  | ({ readonly kind: 'partner' } & AnyDeclaration<PartnerContext>)
  | ({ readonly kind: 'partner-instance' } & AnyDeclaration<InstanceContext>)
  | ({ readonly kind: 'instance' } & AnyDeclaration<InstanceContext>)
  | ({ readonly kind: 'connected' } & AnyDeclaration<ConnectedContext>);

/** An operation on instances: authorised by the partner token. */
export const partnerOperation = <Input extends TObject, Output extends TSchema>(
  declaration: Declaration<Input, Output> & Handles<Input, Output, PartnerContext>,
) => ({ kind: 'partner' as const, ...declaration });

/** An operation on one instance, below its address, that the partner token alone authorises. */
export const partnerInstanceOperation = <Input extends TObject, Output extends TSchema>(
  declaration: Declaration<Input, Output> & Handles<Input, Output, InstanceContext>,
) => ({ kind: 'partner-instance' as const, ...declaration });

/** An operation on one instance, connected or not. */
export const instanceOperation = <Input extends TObject, Output extends TSchema>(
  declaration: Declaration<Input, Output> & Handles<Input, Output, InstanceContext>,
) => ({ kind: 'instance' as const, ...declaration });

/** An operation that needs the instance's live connection to WhatsApp. */
export const connectedOperation = <Input extends TObject, Output extends TSchema>(
  declaration: Declaration<Input, Output> & Handles<Input, Output, ConnectedContext>,
) => ({ kind: 'connected' as const, ...declaration });

const errorsOfAll: readonly ErrorCode[] = [
  'invalid_request',
  'method_not_allowed',
  'storage_failed',
  'shutting_down',
  'internal',
];
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

const errorsOfPartners: readonly ErrorCode[] = ['partner_token_missing', 'partner_token_wrong'];

const errorsOfKind: Record<Operation['kind'], readonly ErrorCode[]> = {
  partner: errorsOfPartners,
  'partner-instance': [...errorsOfPartners, 'instance_not_found'],
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

/** Whether an operation is authorised by the partner token, and not by the client token. */
export const isForPartners = ({ kind }: Operation): boolean =>
  kind === 'partner' || kind === 'partner-instance';

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
