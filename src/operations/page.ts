/** One page of a list, pages counted from 1. Without a size the first page holds everything and the others nothing. */
export function pageOf<Item>(
  list: readonly Item[],
  { page, pageSize = list.length }: { readonly page: number; readonly pageSize?: number | undefined },
): Item[] {
  return list.slice((page - 1) * pageSize, page * pageSize);
}
