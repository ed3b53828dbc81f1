/**
 * Chunks on their way at once: while some travel, others are sealed or opened; a slow network's latency is hidden. Where the
 * network is quick, several go in one request.
 */

/**
 * At first, and where the network is slow: one travels while the next is sealed, and a lost connection loses no more than two. Where
 * it is quick, as many as browsers make connections to one server.
 */
const [FEW, MOST] = [2, 6];
/** The server takes and gives no more at once. */
const MOST_TOGETHER = 8;
/** Below the first, twice as many still take well under a second; above the other, a lost connection loses more than it should. */
const [QUICK_MS, SLOW_MS] = [400, 1_000];

/**
 * Do something with each of `numbers`, several lanes at once, begun in their order. A lane's turn is one number at first, then
 * twice as many that follow one another while it is quick, or more where it is quicker, and one again where it was slow or has
 * failed: then each of those that failed together has a turn of its own. Where that fails no other is begun, and what is under way ends before the
 * failure is told.
 *
 * @param {number[]} numbers
 * @param {(together: number[]) => Promise<void>} act may be asked once more for some that it has done
 */
export async function inLanes(numbers, act) {
  await new Lanes(numbers, act).end();
}

class Lanes {
  /** @type {number[]} */
  #left;
  /** @type {(together: number[]) => Promise<void>} */
  #act;
  #pace = new Pace();
  #going = 0;
  /** @type {Promise<void>[]} */
  #begun = [];
  /** @type {unknown[]} */
  #failures = [];

  /**
   * @param {number[]} numbers
   * @param {(together: number[]) => Promise<void>} act
   */
  constructor(numbers, act) {
    [this.#left, this.#act] = [[...numbers], act];
  }

  /** End when nothing is left or under way; tells the first failure. */
  async end() {
    this.#open();
    // Those that are opened meanwhile are waited for, too.
    for (const lane of this.#begun) await lane;
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  #open() {
    while (this.#going < this.#pace.lanes && this.#left.length > 0) this.#begun.push(this.#lane());
  }

  async #lane() {
    this.#going += 1;
    try {
      while (this.#left.length > 0 && this.#going <= this.#pace.lanes) {
        const together = this.#left.splice(0, following(this.#left, this.#pace.together));
        await this.#pace.take(together, this.#act, () => this.#failures.length > 0);
        this.#open();
      }
    } catch (error) {
      this.#left.length = 0;
      this.#failures.push(error);
    }
    this.#going -= 1;
  }
}

/** How many chunks go together now, and in how many lanes. */
class Pace {
  together = 1;
  lanes = FEW;

  /**
   * @param {number[]} numbers
   * @param {(together: number[]) => Promise<void>} act
   * @param {() => boolean} hasFailed whether another lane has, for good: then none of these is tried alone
   */
  async take(numbers, act, hasFailed) {
    const begun = performance.now();
    try {
      await act(numbers);
      this.#learn(numbers.length, performance.now() - begun);
    } catch (error) {
      this.#begin();
      if (numbers.length === 1) throw error;
      for (const number of numbers) if (!hasFailed()) await act([number]);
    }
  }

  /**
   * @param {number} count how many have gone together
   * @param {number} took in ms
   */
  #learn(count, took) {
    if (took > SLOW_MS) this.#begin();
    // Fewer than may go tell nothing of how it would be with more.
    else if (took < QUICK_MS && count === this.together) {
      // As many as go within the bound at this speed; twice as many at least.
      this.together = Math.min(MOST_TOGETHER, count * Math.max(2, Math.floor(QUICK_MS / took)));
      this.lanes = MOST;
    }
  }

  #begin() {
    [this.together, this.lanes] = [1, FEW];
  }
}

/**
 * @param {number[]} numbers
 * @param {number} most
 * @returns {number} how many at the beginning of `numbers` follow one another, at most so many
 */
function following(numbers, most) {
  const end = numbers.slice(0, most).findIndex((number, at) => number !== numbers[0] + at);
  return end < 0 ? most : end;
}
