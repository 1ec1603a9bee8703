/** Rows in one statement: far below SQLite's 32,766 parameters. */
const rowsPerStatement = 1_000;

/** The items in slices that one statement can take, or shorter ones. */
export function* inSlices<Item>(
  items: readonly Item[],
  atMost: number = rowsPerStatement,
): Generator<Item[]> {
  for (let start = 0; start < items.length; start += atMost) {
    yield items.slice(start, start + atMost);
  }
}
