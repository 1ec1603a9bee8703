/** What an account shows under "About": an old text, and a newer one that expires. */
export interface About {
  /** The text that everyone had before 2026; empty for none. */
  legacy: string;
  /** The one that phones show since; `undefined` for those who never set one. */
  current: TextStatus | undefined;
}

interface TextStatus {
  /** Empty for none: it was taken back. */
  readonly text: string;
  /** 0: for no time at all; -1: for ever. */
  readonly durationSeconds: number;
  /** Unix seconds. */
  readonly setAt: number;
}

/** What people see, as WhatsApp Web decides it (WAWebTextStatusUtils): the old text is for those without a newer one. */
export function shownAbout({ legacy, current }: About, now: number): string | undefined {
  if (!current) return legacy || undefined;
  const isOver = current.durationSeconds !== -1 && now >= current.setAt + current.durationSeconds;
  return isOver ? undefined : current.text || undefined;
}
