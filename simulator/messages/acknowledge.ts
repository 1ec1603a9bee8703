/** What a device hears of a stanza that is no request: that the server has it, or why not, or what a fault says. */
import type { RequestFault } from '../faults.ts';
import { type BinaryNode, element, StanzaError } from '../stanza.ts';
import { unixSeconds } from '../unix-seconds.ts';
import type { Connection } from '../wire/connection.ts';

/** The kinds of stanzas that a fault can meet. */
export const acknowledgedKinds = ['message', 'receipt', 'call'] as const;

interface Acknowledging {
  readonly stanza: BinaryNode;
  readonly connection: Pick<Connection, 'send' | 'sendLater' | 'end' | 'terminate'>;
  readonly fault: RequestFault | undefined;
  /** Passes the stanza on; throws a `StanzaError` to refuse. */
  readonly take: () => void;
}

export function acknowledge({ stanza, connection, fault, take }: Acknowledging): void {
  if (!fault) connection.send(takenOrRefused(stanza, take));
  else if ('error' in fault) connection.send(ackOf(stanza, new StanzaError(fault.error)));
  else if ('delayMs' in fault) connection.sendLater(takenOrRefused(stanza, take), fault.delayMs);
  else if ('close' in fault) {
    if (fault.close === 'after-change') takenOrRefused(stanza, take);
    connection.terminate();
  } else if ('streamError' in fault) {
    connection.end(element('stream:error', { code: fault.streamError }));
  }
  // Silence; an acknowledgement has no content that could be malformed, so that is silence, too.
}

function takenOrRefused(stanza: BinaryNode, take: () => void): BinaryNode {
  try {
    take();
    return ackOf(stanza);
  } catch (error) {
    if (error instanceof StanzaError) return ackOf(stanza, error);
    throw error;
  }
}

/** `<ack class id from [type] [participant] t [error]/>`; Baileys Socket/messages-recv.ts (handleBadAck) reads `error`. */
const ackOf = ({ tag, attrs }: BinaryNode, refusal?: StanzaError): BinaryNode =>
  element('ack', {
    class: tag,
    id: attrs.id,
    from: attrs.to,
    type: attrs.type,
    participant: attrs.participant,
    t: String(unixSeconds()),
    error: refusal && String(refusal.code),
  });
