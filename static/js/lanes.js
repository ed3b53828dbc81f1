/** Chunks on their way at once: while one travels, others are sealed or opened; a slow network's latency is hidden. */

/** Four of a mebibyte: what a cheap phone has room for, and fewer than the connections a browser makes to one server. */
const LANES = 4;

/**
 * Do something with each of `numbers`, several at once and begun in their order. Where one fails no other is begun, and
 * what is under way ends before the failure is told.
 *
 * @param {number[]} numbers
 * @param {(number: number) => Promise<void>} act
 */
export async function inLanes(numbers, act) {
  const left = [...numbers];
  const lane = async () => {
    for (let number = left.shift(); number !== undefined; number = left.shift()) await act(number);
  };
  const lanes = Array.from({ length: LANES }, lane);
  await Promise.all(lanes).catch(async (error) => {
    left.length = 0;
    await Promise.allSettled(lanes);
    throw error;
  });
}
