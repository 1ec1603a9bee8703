/** Answers one request, or does to it what a fault says. */
import type { RequestFault } from './faults.ts';
import { errorElement, errorOf, resultOf } from './replies.ts';
import { type BinaryNode, childrenOf, element, StanzaError } from './stanza.ts';
import type { Connection } from './wire/connection.ts';

interface Answering {
  readonly iq: BinaryNode;
  readonly connection: Pick<Connection, 'send' | 'sendLater' | 'end' | 'terminate'>;
  readonly fault: RequestFault | undefined;
  /** Makes the change and gives the children of the result; throws a `StanzaError` to refuse. */
  readonly answer: () => BinaryNode[] | undefined | Promise<BinaryNode[] | undefined>;
}

export async function answerRequest({ iq, connection, fault, answer }: Answering): Promise<void> {
  if (!fault) return connection.send(await replyOf(iq, answer));
  if ('error' in fault) {
    return connection.send(errorOf(iq, new StanzaError(fault.error, fault.attributes)));
  }
  if ('delayMs' in fault) return connection.sendLater(await replyOf(iq, answer), fault.delayMs);
  if ('close' in fault) {
    if (fault.close === 'after-change') await replyOf(iq, answer);
    return connection.terminate();
  }
  if ('streamError' in fault) {
    return connection.end(element('stream:error', { code: fault.streamError }));
  }
  if ('malformed' in fault) connection.send(malformedReply(iq, fault.malformed));
}

async function replyOf(iq: BinaryNode, answer: Answering['answer']): Promise<BinaryNode> {
  try {
    return resultOf(iq, await answer());
  } catch (error) {
    if (error instanceof StanzaError) return errorOf(iq, error);
    throw error;
  }
}

type Malformation = Extract<RequestFault, { malformed: unknown }>['malformed'];

function malformedReply(iq: BinaryNode, malformation: Malformation): BinaryNode {
  switch (malformation) {
    case 'error-without-reason':
      return errorOf(iq, undefined);
    case 'empty-result':
      return resultOf(iq);
    case 'error-in-result': {
      const tag = childrenOf(iq)[0]?.tag ?? 'picture';
      return resultOf(iq, [element(tag, {}, [errorElement(new StanzaError(404))])]);
    }
  }
}
