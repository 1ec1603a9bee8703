/** A figure of a benchmark: ours beside theirs, measured in turns in the same run. */
export interface Figure {
  /** What was measured: `render, JPEG 12 MP`. */
  readonly name: string;
  /** What it is compared with; empty when it stands alone. */
  readonly comparedWith: string;
  readonly unit: string;
  /** Medians over the rounds. */
  readonly ours: number;
  /** `undefined`, as the ratio, when there is nothing to compare with. */
  readonly theirs: number | undefined;
  /** The median of the ratios within each round. */
  readonly ratio: number | undefined;
  readonly rounds: number;
  /** What the ratio should reach (`oursAtMost`: our own value); `undefined` where the figure is only told. */
  readonly target:
    | { readonly atMost: number }
    | { readonly atLeast: number }
    | { readonly oursAtMost: number }
    | undefined;
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
};

/** The value below which this share (0 to 1) of the values lies. */
export const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ??
  Number.NaN;

/** A figure from the pairs that the rounds gave. */
export function figureOf(
  about: Pick<Figure, 'name' | 'comparedWith' | 'unit' | 'target'>,
  rounds: readonly { readonly ours: number; readonly theirs: number }[],
): Figure {
  return {
    ...about,
    ours: median(rounds.map(({ ours }) => ours)),
    theirs: median(rounds.map(({ theirs }) => theirs)),
    ratio: median(rounds.map(({ ours, theirs }) => ours / theirs)),
    rounds: rounds.length,
  };
}

/** A figure that stands alone, from what the rounds gave. */
export function lonelyFigure(
  about: Pick<Figure, 'name' | 'unit' | 'target'>,
  rounds: readonly number[],
): Figure {
  return {
    ...about,
    comparedWith: '',
    ours: median(rounds),
    theirs: undefined,
    ratio: undefined,
    rounds: rounds.length,
  };
}

/** Whether the target was reached; `undefined` without one. */
export function isReached({ ours, ratio, target }: Figure): boolean | undefined {
  if (!target) return undefined;
  if ('oursAtMost' in target) return ours <= target.oursAtMost;
  if (ratio === undefined) return undefined;
  return 'atMost' in target ? ratio <= target.atMost : ratio >= target.atLeast;
}
