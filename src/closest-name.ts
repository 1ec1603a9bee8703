/**
 * The candidate that `name` was probably meant to be, a few slips of the keyboard away; `undefined` when none is near.
 */
export function closestName(name: string, candidates: readonly string[]): string | undefined {
  const [best] = candidates
    .map((candidate) => ({ candidate, slips: distance(name, candidate) }))
    .sort((one, other) => one.slips - other.slips);
  return best && best.slips <= Math.max(2, name.length / 4) ? best.candidate : undefined;
}

/** The number of letters to insert, remove or replace on the way from one text to the other (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...from].entries()) {
    const above = row;
    row = [index + 1];
    for (const [column, wanted] of [...to].entries()) {
      const replaced = (above[column] ?? 0) + (letter === wanted ? 0 : 1);
      row.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (row[column] ?? 0) + 1));
    }
  }
  return row.at(-1) ?? 0;
}
