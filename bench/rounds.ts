/** Measures two ways of doing the same, in turns, so that a noisy machine troubles both alike. */

export interface Pair {
  readonly ours: number;
  readonly theirs: number;
}

/**
 * Runs `ours` and `theirs` once unmeasured, and then in `rounds` rounds; who begins changes with every round. Each
 * gives the number that counts.
 */
export async function inTurns(
  rounds: number,
  ways: { readonly ours: () => Promise<number>; readonly theirs: () => Promise<number> },
): Promise<Pair[]> {
  await ways.ours();
  await ways.theirs();
  const pairs: Pair[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      const ours = await ways.ours();
      pairs.push({ ours, theirs: await ways.theirs() });
    } else {
      const theirs = await ways.theirs();
      pairs.push({ ours: await ways.ours(), theirs });
    }
  }
  return pairs;
}

/** How many milliseconds `work` takes. */
export async function wallMs(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
