/**
 * The complaint's form, from its first key to its seal.
 *
 * This module imports nothing, so that its submit handler stands before anything else can fail to load: from here on
 * nothing is posted in the clear unless the reporter chooses so in so many words.
 */

const form = document.querySelector("form#lapor");
const trouble = document.querySelector("#trouble");
if (form instanceof HTMLFormElement && trouble instanceof HTMLElement) begin(form, trouble);

/**
 * Take the form over, then load the rest.
 *
 * @param {HTMLFormElement} form
 * @param {HTMLElement} trouble what to show when a module did not load
 */
export function begin(form, trouble) {
  /** @type {(() => void) | undefined} */
  let proceed;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (proceed) proceed();
    else if (trouble.hidden) show("loading", true);
  });
  show("path-plain", false);
  show("path-sealed", true);
  show("language", true);
  const load = async () => {
    trouble.hidden = true;
    try {
      const { start } = await import("./stepper.js");
      proceed = start(form);
    } catch {
      trouble.hidden = false;
      trouble.focus();
    }
    show("loading", false);
  };
  document.getElementById("trouble-again")?.addEventListener("click", load);
  document.getElementById("trouble-plain")?.addEventListener("click", () => form.submit());
  load();
}

/**
 * @param {string} id
 * @param {boolean} shown
 */
function show(id, shown) {
  const element = document.getElementById(id);
  if (element) element.hidden = !shown;
}
