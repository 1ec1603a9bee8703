import type { Clock } from './clock.ts';

/** For tests: time that passes when it is told to. */
export class ManualClock implements Clock {
  #nowMs = Date.parse('2026-08-01T12:00:00Z');
  readonly #timers = new Set<{ readonly dueMs: number; readonly action: () => void }>();

  now(): Date {
    return new Date(this.#nowMs);
  }

  after(delayMs: number, action: () => void): Disposable {
    const timer = { dueMs: this.#nowMs + delayMs, action };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => this.#timers.delete(timer) };
  }

  /** How many timers run. */
  get running(): number {
    return this.#timers.size;
  }

  /** Lets time pass, and what was due in it happen. */
  pass(durationMs: number): void {
    this.#nowMs += durationMs;
    for (const timer of [...this.#timers].sort((one, other) => one.dueMs - other.dueMs)) {
      if (timer.dueMs > this.#nowMs || !this.#timers.delete(timer)) continue;
      timer.action();
    }
  }
}
