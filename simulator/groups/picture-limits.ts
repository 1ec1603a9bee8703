/** What the simulated WhatsApp accepts as a picture, and how often. */
export interface PictureLimits {
  /** Larger files are refused with 406. */
  readonly maxBytes: number;
  /** Wider or higher pictures are refused with 406. */
  readonly maxSidePx: number;
  /** How many changes one group takes within a window before 429; `undefined` = as many as you like. */
  readonly rate: PictureRate | undefined;
}

interface PictureRate {
  readonly changes: number;
  readonly windowSeconds: number;
}

/**
 * WhatsApp publishes no limits. It refuses what is not a JPEG and was seen to take up to 720 px a side
 * (whatsmeow issue 503); the number of bytes is a guess, generous beside the 100 KB that clients aim at.
 */
export const defaultPictureLimits: PictureLimits = {
  maxBytes: 5 * 1024 * 1024,
  maxSidePx: 720,
  rate: undefined,
};

/**
 * How many seconds a group must wait for its next picture change, 0 when it need not.
 *
 * `changes` are the unix seconds of the changes so far, oldest first.
 */
export function pictureBackoffSeconds(
  changes: readonly number[],
  rate: PictureRate | undefined,
  now: number,
): number {
  if (!rate) return 0;
  const oldestThatCounts = changes.at(-rate.changes);
  if (oldestThatCounts === undefined) return 0;
  return Math.max(0, oldestThatCounts + rate.windowSeconds - now);
}
