/** All phones of the simulated world, one for each number. */
import type { Registrations } from './pairing/registrations.ts';
import { Phone } from './phone.ts';
import type { World } from './world.ts';

/** Digits with country code. */
const phoneNumber = /^[1-9]\d{7,14}$/;

export class Phones {
  readonly #world: World;
  readonly #registrations: Registrations;
  readonly #phones = new Map<string, Phone>();

  constructor({ world, registrations }: { world: World; registrations: Registrations }) {
    this.#world = world;
    this.#registrations = registrations;
  }

  /** The phone with this number; a new one, with this name, if there is none. Throws a `RangeError` for no number. */
  phone(number: string, name?: string): Phone {
    if (!phoneNumber.test(number)) {
      throw new RangeError(`"${number}" is not a phone number: 8 to 15 digits, country code first.`);
    }
    const known = this.#phones.get(number);
    if (known) return known;
    const account = this.#world.addAccount(number, name);
    const phone = new Phone({ account, world: this.#world, registrations: this.#registrations });
    this.#phones.set(number, phone);
    return phone;
  }
}
