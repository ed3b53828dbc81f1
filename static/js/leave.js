/**
 * "Keluar cepat": leave this page at once for a harmless one, by its button or by Shift pressed three times.
 *
 * Without this script the button is a plain form post, whose answer clears the same things and leads to the same page.
 */

const PRESSES = 3;
const WITHIN_MS = 2000;

/**
 * Empty the page before anything slow begins, end the visit on the server, and put the harmless page in this one's place.
 *
 * @param {HTMLFormElement} form the button's form, which names both addresses
 */
export function leave(form) {
  const away = form.dataset.leaveTo ?? "/";
  const visit = form.action;
  document.title = "";
  document.body.replaceChildren();
  sessionStorage.clear();
  endVisit(visit);
  location.replace(away);
}

/**
 * Post to the server in a way that outlives this page.
 *
 * @param {string} address
 */
function endVisit(address) {
  if (!navigator.sendBeacon(address)) {
    // The beacon's queue may be full; keepalive has its own. Should that fail too, the visit ends by itself.
    fetch(address, { method: "POST", keepalive: true }).catch(() => undefined);
  }
}

/**
 * Return a listener that calls `act` at the third Shift within two seconds; any other key between starts afresh,
 * so that nobody leaves by writing in capitals.
 *
 * @param {() => void} act
 * @returns {(event: KeyboardEvent) => void}
 */
export function onThreeShifts(act) {
  /** @type {number[]} */
  let pressed = [];
  return (event) => {
    if (event.repeat) return;
    pressed = event.key === "Shift" ? [...pressed, event.timeStamp].slice(-PRESSES) : [];
    if (pressed.length === PRESSES && event.timeStamp - pressed[0] <= WITHIN_MS) act();
  };
}

const form = document.querySelector("form#exit");
if (form instanceof HTMLFormElement) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    leave(form);
  });
  document.addEventListener("keydown", onThreeShifts(() => leave(form)));
}
