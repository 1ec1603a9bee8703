/** Trouble on purpose: what a request, a connection or a login meets instead of WhatsApp's usual answer. */
import { type Static, type TProperties, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';

/**
 * `kind` and `times` stand beside the effect; without `times`, all requests meet the fault until faults are cleared.
 */
const fault = <Effect extends TProperties>(effect: Effect) =>
  Type.Object(
    { kind: Type.String(), times: Type.Optional(Type.Integer({ minimum: 1 })), ...effect },
    { additionalProperties: false },
  );

const code = Type.Integer({ minimum: 100, maximum: 999 });
const attributes = Type.Optional(Type.Record(Type.String(), Type.String()));
const silence = Type.Literal(true);

// WhatsApp wants a passkey of the companion instead of linking it, and sends along what an authenticator is to be asked,
// or not (whatsmeow pair-passkey.go; since June 2026).
const passkey = Type.Union([Type.Literal('with-options'), Type.Literal('without-options')]);

/** What can happen to a request (`kind`: see `IqHandler.kind`). */
const requestFault = Type.Union([
  // Refused with this code; the attributes go beside it, such as { backoff: '30' } on a 429.
  fault({ error: code, attributes }),
  // No answer and no change.
  fault({ silence }),
  // The change is made at once, its answer comes this much later.
  fault({ delayMs: Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }) }),
  // The connection breaks off without an answer, before the change is made or after.
  fault({ close: Type.Union([Type.Literal('before-change'), Type.Literal('after-change')]) }),
  // The connection ends with <stream:error code>, and no change is made.
  fault({ streamError: Type.String() }),
  // No change, and an answer that Baileys' own picture calls take for success: an error without <error>, a result
  // without its child, or a result whose child holds <error code="404"/> (seen by whatsapp-rust).
  fault({
    malformed: Type.Union([
      Type.Literal('error-without-reason'),
      Type.Literal('empty-result'),
      Type.Literal('error-in-result'),
    ]),
  }),
]);

/** What can happen to a WebSocket upgrade. */
const upgradeFault = Type.Union([
  // This HTTP status instead of 101; then the server closes the connection, unless it lingers.
  // The headers go with it, such as { 'retry-after': '30' } on a 429.
  fault({ status: code, headers: attributes, lingers: Type.Optional(Type.Boolean()) }),
  fault({ silence }),
  // Closed without an HTTP answer.
  fault({ close: Type.Literal(true) }),
]);

/** What can happen to a client's hello. */
const handshakeFault = Type.Union([fault({ silence })]);

/** What can happen to a login after a good handshake. */
const loginFault = Type.Union([
  fault({ silence }),
  fault({ close: Type.Literal(true) }),
  // <failure reason>; the attributes go beside it, such as { expire: '3600' }.
  fault({ failure: code, attributes }),
  fault({ streamError: Type.String() }),
  // Let in at once; what waited for the device comes this much later.
  fault({ backlogDelayMs: Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }) }),
]);

/** What can happen when a QR code is scanned. */
const scanFault = Type.Union([
  // WhatsApp has the companion retire the secret of this QR code, with one of the two notifications it uses for that,
  // and wants its new one scanned (whatsmeow, zapo; since July 2026).
  fault({
    refresh: Type.Union([Type.Literal('companion_reg_refresh'), Type.Literal('pair-device-rotate-qr')]),
  }),
  fault({ passkey }),
]);

/** What can happen when a pairing code is typed. */
const enterCodeFault = Type.Union([
  // WhatsApp does not take the code any more and wants the companion to ask for another one (zapo, whatsapp-rust).
  fault({ refreshCode: Type.Literal(true) }),
  // Once the keys are exchanged.
  fault({ passkey }),
]);

/** What a request, an upgrade, a hello or a login meets; tell the effects apart by the member that is there. */
export type RequestFault = Static<typeof requestFault>;
export type UpgradeFault = Static<typeof upgradeFault>;
type HandshakeFault = Static<typeof handshakeFault>;
export type LoginFault = Static<typeof loginFault>;
type ScanFault = Static<typeof scanFault>;
type EnterCodeFault = Static<typeof enterCodeFault>;

/**
 * A fault: what it meets (`kind`), how often (`times`), and one effect.
 * `kind` is `upgrade`, `handshake`, `login`, `scan`, `enter-code`, or a kind of request such as `picture-set`.
 */
export type Fault = RequestFault | UpgradeFault | HandshakeFault | LoginFault | ScanFault | EnterCodeFault;

interface FaultOfKind {
  readonly upgrade: UpgradeFault;
  readonly handshake: HandshakeFault;
  readonly login: LoginFault;
  readonly scan: ScanFault;
  readonly 'enter-code': EnterCodeFault;
}

const schemas: Readonly<Record<string, TSchema>> = {
  upgrade: upgradeFault,
  handshake: handshakeFault,
  login: loginFault,
  scan: scanFault,
  'enter-code': enterCodeFault,
};

/** What was given is not a fault; the message says why. */
export class FaultError extends Error {
  override readonly name = 'FaultError';
}

/** The effects that a kind can have, as the members that name them: `error, silence, …`. */
const effectsOf = (schema: TSchema): string =>
  ('anyOf' in schema ? (schema.anyOf as { properties: object }[]) : [])
    .map(({ properties }) => Object.keys(properties)[2])
    .join(', ');

/** The faults that wait for what they are to meet. */
export class FaultBook {
  readonly #requestKinds: ReadonlySet<string>;
  #waiting: { readonly fault: Fault; left: number }[] = [];

  constructor(requestKinds: Iterable<string>) {
    this.#requestKinds = new Set(requestKinds);
  }

  /** Adds a fault, behind those of the same kind. Throws a `FaultError` for what is none. */
  add(fault: Fault): void {
    this.#validate(fault);
    this.#waiting.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** The fault that the next of this kind meets, if any; it counts as met. */
  take<Kind extends keyof FaultOfKind>(kind: Kind): FaultOfKind[Kind] | undefined;
  take(kind: string): RequestFault | undefined;
  take(kind: string): Fault | undefined {
    const next = this.#waiting.find(({ fault }) => fault.kind === kind);
    if (!next) return undefined;
    next.left -= 1;
    if (next.left === 0) this.#waiting = this.#waiting.filter((waiting) => waiting !== next);
    return next.fault;
  }

  #validate(fault: unknown): asserts fault is Fault {
    const kind = typeof fault === 'object' && fault !== null && 'kind' in fault ? fault.kind : undefined;
    if (typeof kind !== 'string') throw new FaultError('A fault is an object with a "kind".');
    const kinds = [...Object.keys(schemas), ...this.#requestKinds];
    if (!kinds.includes(kind)) {
      throw new FaultError(`Nothing of kind "${kind}" ever comes. The kinds are: ${kinds.join(', ')}.`);
    }
    const schema = schemas[kind] ?? requestFault;
    if (!Value.Check(schema, fault)) {
      throw new FaultError(
        `A fault of kind "${kind}" has exactly one of these, with a value that docs/simulator.md gives for it: ` +
          `${effectsOf(schema)}. "times", if there, is a whole number from 1.`,
      );
    }
  }
}
