/** Whether something goes on: held and let go by whoever watches it, ended for good, or resting until it is tried again. */

import { Unanswered } from "./posting.js";

const PAUSES_MS = [1_000, 2_000, 5_000, 10_000, 20_000, 30_000];

/** It was ended by hand, and nothing more of it is to be done. */
export class Ended extends Error {
  name = "Ended";
}

export class Course {
  ended = false;
  /** @type {Promise<void> | undefined} */
  #held;
  #letGo = () => undefined;
  #breaking = new AbortController();

  /** Breaks off what is under way now, when it is held or ended. */
  get signal() {
    return this.#breaking.signal;
  }

  get held() {
    return this.#held !== undefined;
  }

  hold() {
    this.#held ??= new Promise((resolve) => (this.#letGo = () => void resolve()));
    this.#break();
  }

  goOn() {
    this.#held = undefined;
    this.#letGo();
  }

  end() {
    this.ended = true;
    this.goOn();
    this.#break();
  }

  /**
   * Wait for one's turn.
   *
   * @throws {Ended}
   */
  async turn() {
    while (this.#held) await this.#held;
    if (this.ended) throw new Ended();
  }

  /**
   * Do something until there is an answer, with growing pauses between.
   *
   * @template Answer
   * @param {() => Promise<Answer>} once
   * @param {(lost: Unanswered) => void} onLost told each time that no answer has come
   * @returns {Promise<Answer>}
   * @throws {Ended}
   */
  async insist(once, onLost) {
    for (let tries = 0; ; tries += 1) {
      await this.turn();
      try {
        return await once();
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
        // Broken off by hand, it is not lost.
        if (this.held || this.ended) continue;
        onLost(error);
      }
      await this.#rest(PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)]);
    }
  }

  /**
   * Rest, but no longer than until the browser says that there is a connection again, or somebody holds or ends it.
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
        resolve();
      }
    });
  }

  #break() {
    const broken = this.#breaking;
    this.#breaking = new AbortController();
    broken.abort();
  }
}
