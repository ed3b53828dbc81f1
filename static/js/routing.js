/**
 * Which desk reads a complaint: one pure table, run by the browser and by the server (`kernel/routing.py`).
 *
 * A desk never receives a complaint about its own office, nor about one that controls it; a desk without a key or one
 * the reporter excludes is passed over, always upward.
 */

/**
 * How high a desk stands. A complaint goes up from storey to storey, never down.
 *
 * @typedef {"region" | "province" | "outside"} Storey
 */

/** @type {Storey[]} */
const UPWARD = ["region", "province", "outside"];

/**
 * By the level of the office complained about. The inspectorate of a region answers to its head, so the head's
 * complaints go one storey past it.
 *
 * @type {Map<string, Storey>}
 */
const FIRST_STOREY = new Map([
  ["desa", "region"],
  ["kecamatan", "region"],
  ["kabkota", "region"],
  ["pimpinan_kabkota", "province"],
  ["provinsi", "province"],
  ["pimpinan_provinsi", "outside"],
  ["vertikal", "province"],
  ["tidak_tahu", "province"],
]);

/** No desk may read this complaint: lodging it is refused, and the page says where else to go. */
export class NoDesk extends Error {
  name = "NoDesk";
}

/**
 * The routing label of a complaint, which stands in the clear; `excluded` holds desks.
 *
 * @typedef {{ region: string, sector: string, level: string, excluded: string[] }} Label
 */

/**
 * Return the desk that reads a complaint with this label.
 *
 * @param {Label} label
 * @param {Map<string, string>} remits of each desk of the signed tree
 * @param {string[]} openDesks those with a key
 * @param {Record<string, string>} floors the lowest storey that may receive a sector's complaints
 * @returns {string}
 * @throws {NoDesk}
 */
export function route(label, remits, openDesks, floors) {
  for (const storey of UPWARD.slice(firstStorey(label, floors))) {
    const remit = storey === "region" ? label.region : storey;
    const desks = [...remits.keys()].filter((desk) => remits.get(desk) === remit).sort();
    const free = desks.find((desk) => openDesks.includes(desk) && !label.excluded.includes(desk));
    if (free !== undefined) return free;
  }
  throw new NoDesk();
}

/**
 * @param {Label} label
 * @param {Record<string, string>} floors
 * @returns {number} how many storeys the complaint passes by
 */
function firstStorey(label, floors) {
  const storeys = [FIRST_STOREY.get(label.level), floors[label.sector]];
  const heights = storeys.map((storey) => UPWARD.indexOf(/** @type {Storey} */ (storey)));
  // What is in neither table must not end on the lowest storey.
  if (heights.includes(-1)) throw new RangeError("a level or sector that is in no table");
  return Math.max(...heights);
}
