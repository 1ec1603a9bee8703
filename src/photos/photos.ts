import type { InstanceId } from '../ids.ts';
import { InstancePhotos, type InstancePhotosOptions } from './instance-photos.ts';

/** The photos of the groups of all instances. Disposing ends all waiting at once. */
export class Photos implements AsyncDisposable {
  readonly #optionsOf: (instance: InstanceId) => InstancePhotosOptions;
  readonly #photos = new Map<InstanceId, InstancePhotos>();

  constructor(optionsOf: (instance: InstanceId) => InstancePhotosOptions) {
    this.#optionsOf = optionsOf;
  }

  of(instance: InstanceId): InstancePhotos {
    const known = this.#photos.get(instance);
    if (known) return known;
    const photos = new InstancePhotos(this.#optionsOf(instance));
    this.#photos.set(instance, photos);
    return photos;
  }

  /** Ends what is under way for an instance that is to be no more; what was kept of it is for others to remove. */
  async abandon(instance: InstanceId): Promise<void> {
    const photos = this.#photos.get(instance);
    this.#photos.delete(instance);
    await photos?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#photos.values()].map((photos) => photos[Symbol.asyncDispose]()));
  }
}
