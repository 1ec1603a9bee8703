/** How long it takes until the next one may begin: `onOver` is called then, once. */
type Rest = (onOver: () => void) => void;

/**
 * The line in which sessions stand who want to log in: each takes a place for as long as its login takes, and there are
 * only so many, because WhatsApp takes a rush for an attack. Nor do they begin at the same time, because a login costs
 * time that all others wait for: many that are answered in the same turn of the event loop hold it up.
 */
export class LoginLine {
  readonly #rest: Rest;
  #free: number;
  #isResting = false;
  /** Those for whom someone waits go ahead of the others; both in the order in which they came. */
  readonly #first = new Set<Place>();
  readonly #others = new Set<Place>();

  /** `rest` comes after each one who has begun. */
  constructor({ places, rest }: { readonly places: number; readonly rest: Rest }) {
    this.#free = places;
    this.#rest = rest;
  }

  /**
   * Stands in line; `onTurn` is called when it is our turn, at once when there is a place and nobody has just begun.
   * Disposing what it gives ends the login or, before that, leaves the line.
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
    if (this.#free === 0 || this.#isResting) return;
    const line = this.#first.size > 0 ? this.#first : this.#others;
    const [place] = line;
    if (!place) return;
    line.delete(place);
    this.#free -= 1;
    this.#isResting = true;
    place.onTurn();
    this.#rest(() => {
      this.#isResting = false;
      this.#next();
    });
  }
}

interface Place {
  readonly onTurn: () => void;
}
