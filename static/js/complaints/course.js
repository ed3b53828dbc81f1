/** Whether something goes on: ended by whoever watches it, or resting until it is tried again. */

import { Unanswered } from "./posting.js";

const PAUSES_MS = [1_000, 2_000, 5_000, 10_000, 20_000, 30_000];

/** It was ended by hand, and nothing more of it is to be done now. */
export class Ended extends Error {
  name = "Ended";
}

export class Course {
  #breaking = new AbortController();
  /** @type {unknown} why it was ended */
  #why;

  /** Breaks off what is under way when it is ended. */
  get signal() {
    return this.#breaking.signal;
  }

  /** @param {unknown} [why] told to everything of it that is under way; the first time counts */
  end(why = new Ended()) {
    this.#why ??= why;
    this.#breaking.abort();
  }

  /** Go no further once it was ended: throws why. */
  turn() {
    if (this.signal.aborted) throw this.#why;
  }

  /**
   * Do something until there is an answer, with growing pauses between. Once it was ended that throws why.
   *
   * @template Answer
   * @param {() => Promise<Answer>} once
   * @param {(lost: Unanswered) => void} onLost told each time that no answer has come
   * @returns {Promise<Answer>}
   */
  async insist(once, onLost) {
    for (let tries = 0; ; tries += 1) {
      this.turn();
      try {
        return await once();
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
        // Broken off by hand, it is not lost.
        this.turn();
        onLost(error);
      }
      await this.#rest(PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)]);
    }
  }

  /**
   * Do something that nothing breaks off, and wait for it no longer than until it is ended: that throws why. Once it was ended
   * nothing is done.
   *
   * @template Answer
   * @param {() => Promise<Answer>} once
   * @returns {Promise<Answer>}
   */
  async untilEnded(once) {
    this.turn();
    const { signal } = this;
    const work = once();
    return new Promise((resolve, reject) => {
      const end = () => reject(this.#why);
      signal.addEventListener("abort", end);
      work.then(resolve, reject).finally(() => signal.removeEventListener("abort", end));
    });
  }

  /**
   * Rest, but no longer than until the browser says that there is a connection again, or somebody ends it.
   *
   * @param {number} pause in ms
   * @returns {Promise<void>}
   */
  #rest(pause) {
    const { signal } = this;
    return new Promise((resolve) => {
      const timer = setTimeout(end, pause);
      addEventListener("online", end);
      signal.addEventListener("abort", end);
      function end() {
        clearTimeout(timer);
        removeEventListener("online", end);
        signal.removeEventListener("abort", end);
        resolve();
      }
    });
  }
}
