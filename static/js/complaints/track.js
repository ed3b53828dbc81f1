/**
 * The way to a case by its phrase. Like lodge.js this imports nothing: the handler stands first, and from then on the
 * phrase leaves the phone only when the reporter chooses so in so many words.
 */

const form = document.querySelector("form#lacak");
const trouble = document.querySelector("#trouble");
if (form instanceof HTMLFormElement && trouble instanceof HTMLElement) begin(form, trouble);

/**
 * Take the form over, then load the rest.
 *
 * @param {HTMLFormElement} form
 * @param {HTMLElement} trouble what to show when a module did not load
 */
export function begin(form, trouble) {
  const loading = () => import("./opening.js");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    trouble.hidden = true;
    show("loading", true);
    try {
      const { open } = await loading();
      await open(form);
    } catch {
      show("loading", false);
      trouble.hidden = false;
      trouble.focus();
    }
  });
  show("path-plain", false);
  show("path-sealed", true);
  document.getElementById("trouble-again")?.addEventListener("click", () => form.requestSubmit());
  document.getElementById("trouble-plain")?.addEventListener("click", () => form.submit());
  // Asked for at once, so that it is there when eight words have been typed.
  loading().catch(() => undefined);
}

/**
 * @param {string} id
 * @param {boolean} shown
 */
function show(id, shown) {
  const element = document.getElementById(id);
  if (element) element.hidden = !shown;
}
