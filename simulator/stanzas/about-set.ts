import { bytesOf, element, type IqHandler, StanzaError } from '../stanza.ts';
import { unixSeconds } from '../unix-seconds.ts';

/** The longest text that WhatsApp Web lets one type (WAWebAboutEditModal); that the server looks at it is a guess. */
const mostCharacters = 50;

/**
 * The mutation `{"variables":{"input":{"text","ephemeral_duration_sec"}}}` → `{"data":{"xwa2_update_text_status":
 * {"result":"SUCCESS"}}}`: another text under "About", or none. `FAILURE` when it is too long.
 */
export const aboutSet: IqHandler = {
  kind: 'about-set',
  xmlns: 'w:mex',
  type: 'get',
  child: 'query',
  fits: ({ child }) => child?.attrs.query_id === '9152604461510864',
  evidence: 'whatsmeow user.go SetStatusMessage; WhatsApp Web, WAWebMexUpdateTextStatusJob',

  answer({ child, account }) {
    const input = inputIn(bytesOf(child).toString());
    const text = typeof input.text === 'string' ? input.text : '';
    const isTooLong = [...text].length > mostCharacters;
    if (!isTooLong) {
      const durationSeconds = Number(input.ephemeral_duration_sec ?? 0);
      account.about.current = { text, durationSeconds, setAt: unixSeconds() };
    }
    const data = { xwa2_update_text_status: { result: isTooLong ? 'FAILURE' : 'SUCCESS' } };
    return [element('result', {}, JSON.stringify({ data }))];
  },
};

/** Refuses what is no such JSON with 400. */
function inputIn(json: string): { text?: unknown; ephemeral_duration_sec?: unknown } {
  try {
    const { variables } = JSON.parse(json);
    return { ...variables.input };
  } catch {
    throw new StanzaError(400);
  }
}

/**
 * `<status>text</status>` → an empty result. Since 2026 it is the text of those who have no newer one, and a change of it
 * shows nobody anything else (WhiskeySockets/Baileys#2475).
 */
export const legacyAboutSet: IqHandler = {
  kind: 'about-set-legacy',
  xmlns: 'status',
  type: 'set',
  child: 'status',
  evidence: 'Baileys Socket/chats.ts updateProfileStatus',
  answer({ child, account }) {
    account.about.legacy = bytesOf(child).toString();
    return undefined;
  },
};
