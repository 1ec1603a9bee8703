import { element, type IqHandler } from '../stanza.ts';

/** The experiments that are switched on: none. */
export const props: IqHandler = {
  kind: 'props',
  xmlns: 'abt',
  type: 'get',
  child: 'props',
  evidence: 'Baileys Socket/chats.ts (fetchProps)',
  answer: () => [element('props', { protocol: '1', hash: 'simulator', refresh: '86400' })],
};
