/** Time, as changing photos needs it. */
export interface Clock {
  now(): Date;
  /** Runs `action` once, `delayMs` from now, unless what it returns is disposed before. */
  after(delayMs: number, action: () => void): Disposable;
}
