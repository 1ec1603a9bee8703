import { type BinaryNode, element } from '../stanza.ts';
import type { Account } from '../world.ts';

/** What is new in a collection after `version`; with an error, it stands first. */
export async function collectionElement(
  { appState }: Account,
  name: string,
  version: number,
  error?: BinaryNode,
): Promise<BinaryNode> {
  const { patches, hasMore, version: reached } = await appState.after(name, version);
  const attributes = {
    name,
    version: String(reached),
    type: error && 'error',
    has_more_patches: hasMore ? 'true' : undefined,
  };
  const elements = patches.map((patch) => element('patch', {}, patch));
  return element('collection', attributes, [
    ...(error ? [error] : []),
    ...(patches.length > 0 ? [element('patches', {}, elements)] : []),
  ]);
}
