import type { BinaryNode, WASocket } from 'baileys';
import { GatewayError } from '../../errors.ts';
import { encodeStanza } from './encode-stanza.ts';
import { refusalIn } from './refusal.ts';

/** A request to WhatsApp, without the `id` that pairs it with its answer. */
interface Request {
  readonly attrs: {
    readonly to: string;
    readonly type: 'get' | 'set';
    readonly xmlns: string;
    target?: string;
  };
  readonly content?: BinaryNode[];
  /** How long WhatsApp may take to answer, if that is less than requests have as a rule. */
  readonly timeoutMs?: number;
}

/**
 * Sends an `<iq>` and resolves with WhatsApp's answer when it is a yes.
 *
 * `whenUnknown` is the advice for callers who do not learn the outcome: may they repeat it? What changes nothing has no
 * outcome, and so no advice.
 * Errors: `Refusal`; `whatsapp_timeout` when there was no answer in time, the connection ended before it, or WhatsApp
 * answered that it timed out itself; `not_connected` when there was no connection to send it on.
 */
export type Query = (request: Request, whenUnknown?: string) => Promise<BinaryNode>;

/** `query` for what only explains an answer that is there already, and that should not wait for longer. */
export const quickly =
  (query: Query): Query =>
  (request, whenUnknown) =>
    query({ ...request, timeoutMs: 3_000 }, whenUnknown);

/** The advice for changes that may be made twice. */
export const repeatable = 'Repeating the request is safe.';

/**
 * Requests on `socket`, until `ended` aborts.
 *
 * Not `socket.query`: a request in flight when Baileys ends by itself is left hanging until its time-out, one in flight
 * when the WebSocket closes rejects with a bare number, and either leaves timers behind.
 */
export function queryOn(
  socket: Pick<WASocket, 'ws' | 'sendRawMessage' | 'generateMessageTag'>,
  { ended, timeoutMs: longestMs }: { ended: AbortSignal; timeoutMs: number },
): Query {
  return ({ attrs, content, timeoutMs: ownMs = longestMs }, whenUnknown) =>
    new Promise((resolve, reject) => {
      if (ended.aborted || !socket.ws.isOpen) {
        reject(new GatewayError('not_connected', { retryAfterSeconds: 1 }));
        return;
      }
      const timeoutMs = Math.min(ownMs, longestMs);
      const id = socket.generateMessageTag();
      const answered = `TAG:${id}`;
      const settle = () => {
        clearTimeout(timer);
        socket.ws.off(answered, onAnswer);
        ended.removeEventListener('abort', onEnd);
      };
      const isRead = whenUnknown === undefined;
      const giveUp = (what: string, cause?: unknown) => {
        settle();
        reject(
          new GatewayError('whatsapp_timeout', {
            message: isRead ? `${what}. Try again.` : `${what}, so the outcome is unknown. ${whenUnknown}`,
            cause,
          }),
        );
      };
      const onAnswer = (answer: BinaryNode) => {
        settle();
        const refusal = refusalIn(answer);
        if (!refusal) resolve(answer);
        else if (!refusal.isTimeOut) reject(refusal);
        else giveUp(`WhatsApp answered that it timed out itself (${refusal.code})`, refusal);
      };
      const verb = isRead ? 'answer' : 'confirm';
      const onEnd = () => giveUp(`The connection to WhatsApp was lost before WhatsApp ${verb}ed`);
      const timer = setTimeout(
        () => giveUp(`WhatsApp did not ${verb} within ${timeoutMs / 1_000} s`),
        timeoutMs,
      );
      socket.ws.on(answered, onAnswer);
      ended.addEventListener('abort', onEnd);
      const send = async () =>
        socket.sendRawMessage(encodeStanza({ tag: 'iq', attrs: { ...attrs, id }, content }));
      send().catch((error) => giveUp('The request to WhatsApp could not be sent as a whole', error));
    });
}
