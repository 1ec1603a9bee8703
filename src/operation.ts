/**
 * What an operation is: one HTTP operation, declared once. Routes, validation, authentication, error bodies, OpenAPI
 * and the common tests are derived from the declarations in `operations/`; an operation sees neither request nor
 * response.
 */
import type { Static, StaticDecode, TObject, TSchema } from 'typebox';
import type { ErrorCode } from './errors.ts';
import type { GroupId, InstanceId, PhoneNumber } from './ids.ts';
import type { Me, WhatsApp } from './whatsapp/whatsapp.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

interface Declaration<Input extends TObject, Output extends TSchema> {
  /** The name in the API's reference, and the name of the file: `update-group-photo`. */
  readonly name: string;
  /** The section of the API's reference, and the folder of the file. */
  readonly section: 'instance' | 'partner' | 'group';
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
  /** An input and the answer to it, for the reference; both are held against the schemas. */
  readonly example: { readonly input: Static<Input>; readonly output: Static<Output> };
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

/** Things to do one after another under one key, in the order in which their turns were taken. */
export interface Turns {
  /** Takes the next place in the line of `key`; disposing it lets the next one go on. */
  take(key: string): Turn;
}

export interface Turn extends Disposable {
  /** Resolves when all earlier turns of the same key are over. */
  readonly arrived: Promise<void>;
}

export interface InstanceContext {
  readonly instance: Instance;
  readonly session: SessionControl;
}

export interface ConnectedContext extends InstanceContext {
  readonly whatsapp: WhatsApp;
  /** The bytes behind a URL, a data URI or bare Base64. Errors: `picture_*`, `overloaded`. */
  readPicture(source: string): Promise<Uint8Array>;
  /** The square JPEG that a group shows. Errors: `picture_unreadable`, `picture_too_large`, `overloaded`. */
  renderGroupPhoto(source: Uint8Array): Promise<Uint8Array>;
  /** The photo changes of this instance's groups, in order of arrival. */
  photoTurns: { take(group: GroupId): Turn };
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
const errorsOfBodies: readonly ErrorCode[] = ['unsupported_media_type', 'body_too_large', 'overloaded'];
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
  return [...new Set([...errorsOfAll, ...ofBodies, ...errorsOfKind[operation.kind], ...operation.errors])];
}
