/** What the log states of entries that were lost with a database and had back, without what they are of (formats §6). */

const BODY = /^type kentongan\/v1\/refilled\ndate [0-9]{4}-[0-9]{2}-[0-9]{2}\nfrom ([0-9]{1,15})\nto ([0-9]{1,15})\n$/;

/** What the public entry `at` states: the events of entries `start` to before `end` were lost. Each may happen anew. */
export class Refill {
  /**
   * @param {number} at
   * @param {number} start
   * @param {number} end
   */
  constructor(at, start, end) {
    this.at = at;
    this.start = start;
    this.end = end;
  }

  /**
   * @param {number} at
   * @param {string} body of the public entry there
   * @returns {Refill | null} nothing where it is something else
   */
  static read(at, body) {
    const parts = BODY.exec(body);
    return parts && new Refill(at, Number(parts[1]), Number(parts[2]));
  }

  /**
   * @param {number} index
   * @returns {boolean} whether the event of this entry was lost
   */
  lost(index) {
    return this.start <= index && index < this.end && this.end <= this.at;
  }

  /**
   * @param {number} first
   * @param {number} second
   * @returns {boolean} whether this is why two entries have one tag
   */
  explains(first, second) {
    return this.lost(first) && this.end <= second;
  }
}
