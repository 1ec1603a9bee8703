import { type BinaryNode, getBinaryNodeChild, S_WHATSAPP_NET } from 'baileys';
import { GatewayError } from '../../errors.ts';
import type { UserId } from '../../ids.ts';
import { type Query, quickly, repeatable } from './query.ts';
import { accountFailure, Refusal } from './refusal.ts';

/** WhatsApp's name for the mutation "update the text status" (whatsmeow user.go, mutationUpdateTextStatus). */
const updateTextStatus = '9152604461510864';

/**
 * How long an about text is shown: since 2026 each one expires. The longest time that WhatsApp Web offers, in its
 * calendar (WAWebAboutEditModal). Without a time the text is kept, but shown to nobody (WAWebTextStatusUtils).
 */
const shownForSeconds = 30 * 86_400;

/**
 * Gives the account another about text, without the blanks around it; an empty one is none.
 *
 * In two ways, as WhatsApp Web does (WAWebAboutEditModal). Phones show what the mutation sets, so its word counts. The
 * old `<iq xmlns="status">` alone, which is what Baileys' `updateProfileStatus` sends, is answered with a result and
 * changes nothing that people see (WhiskeySockets/Baileys#2475, #2503; whatsmeow left it in August 2026); it is for
 * clients that know nothing else.
 *
 * Errors: `whatsapp_rate_limited`, `whatsapp_unavailable`, `whatsapp_refused`, `whatsapp_timeout`, `not_connected`.
 */
export async function setAbout(query: Query, about: string): Promise<void> {
  const text = about.trim();
  try {
    await setTextStatus(query, text);
  } catch (error) {
    throw accountFailure(error);
  }
  await setLegacyAbout(quickly(query), text).catch(() => {}); // what counts is done
}

async function setTextStatus(query: Query, text: string): Promise<void> {
  const input = text
    ? { text, ephemeral_duration_sec: shownForSeconds }
    : { text: null, ephemeral_duration_sec: 0 };
  const content = Buffer.from(JSON.stringify({ variables: { input } }));
  const answer = await query(
    {
      attrs: { to: S_WHATSAPP_NET, type: 'get', xmlns: 'w:mex' },
      content: [{ tag: 'query', attrs: { query_id: updateTextStatus }, content }],
    },
    repeatable,
  );
  switch (resultIn(answer)) {
    case 'SUCCESS':
      return;
    case 'FAILURE':
      throw new GatewayError('whatsapp_refused', {
        message: 'WhatsApp did not take the about text. Try a shorter one: its own apps take 50 characters.',
      });
    default:
      throw new GatewayError('whatsapp_timeout', {
        message: `WhatsApp answered without confirming the about text, so the outcome is unknown. ${repeatable}`,
      });
  }
}

/** What WhatsApp says in `<result>`, which is JSON as GraphQL has it. */
interface MexAnswer {
  readonly data?: { readonly xwa2_update_text_status?: { readonly result?: unknown } | null } | null;
  readonly errors?: readonly {
    readonly message?: string;
    readonly extensions?: { readonly error_code?: number };
  }[];
}

/** `SUCCESS`, `FAILURE`, or nothing that is known. Throws the `Refusal` in an answer that calls itself a result. */
function resultIn(answer: BinaryNode): unknown {
  const result = getBinaryNodeChild(answer, 'result');
  const error = result && getBinaryNodeChild(result, 'error');
  if (error) throw new Refusal(error);
  const { data, errors } = mexAnswerFrom(result);
  const [first] = errors ?? [];
  if (first) {
    const attrs: BinaryNode['attrs'] = {};
    if (first.message !== undefined) attrs.text = first.message;
    if (first.extensions?.error_code !== undefined) attrs.code = String(first.extensions.error_code);
    throw new Refusal({ tag: 'error', attrs });
  }
  return data?.xwa2_update_text_status?.result;
}

function mexAnswerFrom(result: BinaryNode | undefined): MexAnswer {
  const content = result?.content;
  if (content === undefined || Array.isArray(content)) return {};
  try {
    return (JSON.parse(Buffer.from(content).toString()) ?? {}) as MexAnswer;
  } catch {
    return {}; // no confirmation in it, which is all that matters
  }
}

const setLegacyAbout = (query: Query, text: string): Promise<BinaryNode> =>
  query({
    attrs: { to: S_WHATSAPP_NET, type: 'set', xmlns: 'status' },
    content: [{ tag: 'status', attrs: {}, content: Buffer.from(text) }],
  });

/**
 * The about text that `user` shows; `undefined` when there is none, it has expired, or WhatsApp does not show it to us.
 *
 * Errors: as `setAbout`.
 * Source: WhatsApp Web, WAWebUsyncTextStatus and WAWebUsyncStatus; which of the two it shows: WAWebTextStatusUtils.
 */
export async function fetchAbout(query: Query, user: UserId): Promise<string | undefined> {
  const sid = `${Date.now()}`;
  try {
    const answer = await query({
      attrs: { to: S_WHATSAPP_NET, type: 'get', xmlns: 'usync' },
      content: [
        {
          tag: 'usync',
          attrs: { context: 'interactive', mode: 'query', sid, last: 'true', index: '0' },
          content: [
            {
              tag: 'query',
              attrs: {},
              content: [
                { tag: 'status', attrs: {} },
                { tag: 'text_status', attrs: {} },
              ],
            },
            { tag: 'list', attrs: {}, content: [{ tag: 'user', attrs: { jid: user } }] },
          ],
        },
      ],
    });
    const usync = getBinaryNodeChild(answer, 'usync');
    const error = usync && getBinaryNodeChild(usync, 'error');
    if (error) throw new Refusal(error);
    const found = getBinaryNodeChild(usync && getBinaryNodeChild(usync, 'list'), 'user');
    return shownText(found);
  } catch (error) {
    throw accountFailure(error);
  }
}

/** The new text of those who ever set one, and nothing when it is over or taken back; the old one of the others. */
function shownText(user: BinaryNode | undefined): string | undefined {
  const current = getBinaryNodeChild(user, 'text_status');
  const { text, ephemeral_duration_sec = forEver, last_update_time = '0' } = current?.attrs ?? {};
  const emoji = getBinaryNodeChild(current, 'emoji')?.attrs.content;
  const setAt = Number(last_update_time);
  if (text || emoji) {
    const isOver =
      ephemeral_duration_sec !== forEver && Date.now() / 1_000 >= setAt + Number(ephemeral_duration_sec);
    return isOver ? undefined : [emoji, text].filter(Boolean).join(' ');
  }
  if (setAt > 0) return undefined;
  const legacy = getBinaryNodeChild(user, 'status')?.content;
  return legacy === undefined || Array.isArray(legacy)
    ? undefined
    : Buffer.from(legacy).toString() || undefined;
}

/** A time for which a text is shown that WhatsApp Web knows, and offers no longer. */
const forEver = '-1';
