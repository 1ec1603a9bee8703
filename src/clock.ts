/** Time, as those need it who wait; tests move their own. */
export interface Clock {
  now(): Date;
  /** Runs `action` once, `delayMs` from now, unless what it returns is disposed before. */
  after(delayMs: number, action: () => void): Disposable;
}

export const systemClock: Clock = {
  now: () => new Date(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
