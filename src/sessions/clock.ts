/** Time, as sessions need it; tests move their own. */
export interface Clock {
  /** Runs `action` once, `delayMs` from now, unless what it returns is disposed before. */
  after(delayMs: number, action: () => void): Disposable;
}

export const systemClock: Clock = {
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
