/** One case's page: what its buttons and forms do. */

import { one, perhaps } from "../element.js";
import { _ } from "../i18n.js";
import { Acting } from "./acting.js";
import { Adding } from "./adding.js";
import { Exporting } from "./exporting.js";
import { addEntry, isWritten, removeEntry } from "./forms.js";
import { formsIn } from "./fresh.js";
import { LOCKED, UNLOCKED } from "./lock.js";
import { Register } from "./register.js";
import { announce, busily, sentenceOf } from "./saying.js";
import { ShownCase } from "./shown.js";
import { closeViewer } from "./viewing.js";

const page = one(document, "#case", HTMLElement);
const shown = new ShownCase(page);
const adding = new Adding(page);
const register = new Register(shown);
const acting = new Acting(shown, adding, new Exporting(shown, register), register);
shown.onShown = () => {
  adding.settle();
  register.show();
};
const LEAVING = ["lock", "logout"];
let leaves = false;

/** Open the case for the first time on this page. */
async function openCase() {
  try {
    await shown.refresh();
    one(document, "#account-title", HTMLElement).focus();
  } catch (error) {
    announce("danger", _("Belum bisa dibuka"), sentenceOf(error));
  }
}

const opening = perhaps(document, "#opening", HTMLElement);
if (opening) {
  const button = one(opening, "#open-case", HTMLButtonElement);
  const open = () => busily(opening, _("Segel sedang dibuka di peramban ini …"), openCase);
  button.addEventListener("click", open);
  addEventListener(LOCKED, () => {
    if (!shown.opened) return;
    closeViewer();
    shown.close();
    addEventListener(UNLOCKED, open, { once: true });
  });
  // Until here the button was dead, and said why: a click before would have been lost.
  button.disabled = false;
  one(opening, ".doing", HTMLElement).textContent = "";
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  // Whoever locks or logs out means to leave.
  if (LEAVING.includes(form.id)) leaves = true;
  if (form.dataset.action === undefined) return;
  event.preventDefault();
  acting.submit(form);
});

page.addEventListener("click", ({ target }) => {
  const button = target instanceof Element ? target.closest("[data-add], [data-remove]") : null;
  const list = button?.closest("[data-list]");
  if (!button || !(list instanceof HTMLElement)) return;
  if (button.matches("[data-add]")) addEntry(list).focus();
  else removeEntry(list, button);
});

// What is written is nowhere but here.
addEventListener("beforeunload", (event) => {
  if (!leaves && (adding.waiting || formsIn(document).some(isWritten))) event.preventDefault();
});
