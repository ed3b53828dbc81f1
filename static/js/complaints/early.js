/**
 * What takes long and is wanted later: begun ahead of time, and once. A failure is met by whoever waits for it, and the next
 * begin anew.
 *
 * @template Thing
 */
export class Early {
  /** @type {Promise<Thing> | undefined} */
  #coming;
  #make;

  /** @param {() => Promise<Thing>} make */
  constructor(make) {
    this.#make = make;
  }

  /** Begin, unless that is done. */
  begin() {
    this.#coming ??= this.#make();
    this.#coming.catch(() => undefined);
  }

  /** @returns {Promise<Thing>} */
  async come() {
    this.begin();
    try {
      return await /** @type {Promise<Thing>} */ (this.#coming);
    } catch (error) {
      this.drop();
      throw error;
    }
  }

  /** Let go of it. */
  drop() {
    this.#coming = undefined;
  }
}
