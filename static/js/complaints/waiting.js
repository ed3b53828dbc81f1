/** What is going on and how far it is, for anything that may take longer than a moment. */

import { element } from "../element.js";

/**
 * Show in `holder` that something is going on; saying something new moves the bar back to the start.
 *
 * @param {HTMLElement} holder
 * @returns {{ say: (words: string) => void, reach: (done: number) => void, end: () => void }}
 */
export function waitIn(holder) {
  const words = element("span", { id: "waiting" });
  const bar = element("progress", { "aria-labelledby": "waiting" });
  holder.replaceChildren(element("div", { class: "progress", role: "status" }, words, " ", bar));
  return {
    say(what) {
      words.textContent = what;
      bar.removeAttribute("value");
    },
    reach: (done) => (bar.value = done),
    end: () => holder.replaceChildren(),
  };
}
