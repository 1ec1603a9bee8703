/**
 * The line in which sessions stand who want to log in: each takes a place for as long as its login takes, and there are
 * only so many, because a login costs time that all others wait for, and WhatsApp takes a rush for an attack.
 */
export class LoginLine {
  #free: number;
  /** Those for whom someone waits go ahead of the others; both in the order in which they came. */
  readonly #first = new Set<Place>();
  readonly #others = new Set<Place>();

  constructor(places: number) {
    this.#free = places;
  }

  /**
   * Stands in line; `onTurn` is called when it is our turn, at once when there is a place. Disposing what it gives ends
   * the login or, before that, leaves the line.
   */
  enter(onTurn: () => void, { isFirst }: { readonly isFirst: boolean }): Disposable {
    const place: Place = { onTurn };
    const line = isFirst ? this.#first : this.#others;
    line.add(place);
    let isOver = false;
    this.#next();
    return {
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        if (!line.delete(place)) this.#free += 1;
        this.#next();
      },
    };
  }

  #next(): void {
    for (const line of [this.#first, this.#others]) {
      for (const place of line) {
        if (this.#free === 0) return;
        this.#free -= 1;
        line.delete(place);
        place.onTurn();
      }
    }
  }
}

interface Place {
  readonly onTurn: () => void;
}
