/**
 * Chunks on their way at once: while some travel, others are sealed or opened; a slow network's latency is hidden. Where the
 * network is quick, several go in one request.
 */

/** Four of a mebibyte: what a cheap phone has room for, and fewer than the connections a browser makes to one server. */
const LANES = 4;
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
  const [left, pace] = [[...numbers], new Pace()];
  const lane = async () => {
    while (left.length > 0) await pace.take(left.splice(0, following(left, pace.together)), act);
  };
  const lanes = Array.from({ length: LANES }, lane);
  await Promise.all(lanes).catch(async (error) => {
    left.length = 0;
    await Promise.allSettled(lanes);
    throw error;
  });
}

/** How many chunks go together now. */
class Pace {
  together = 1;

  /**
   * @param {number[]} numbers
   * @param {(together: number[]) => Promise<void>} act
   */
  async take(numbers, act) {
    const begun = performance.now();
    try {
      await act(numbers);
      this.#learn(numbers.length, performance.now() - begun);
    } catch (error) {
      this.together = 1;
      if (numbers.length === 1) throw error;
      for (const number of numbers) await act([number]);
    }
  }

  /**
   * @param {number} count how many have gone together
   * @param {number} took in ms
   */
  #learn(count, took) {
    if (took > SLOW_MS) this.together = 1;
    // Fewer than may go tell nothing of how it would be with more.
    else if (took < QUICK_MS && count === this.together) {
      // As many as go within the bound at this speed; twice as many at least.
      this.together = Math.min(MOST_TOGETHER, count * Math.max(2, Math.floor(QUICK_MS / took)));
    }
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
