/** What the officers' half makes of evidence that a server tells, truly or not. */

import { openBrought } from "../../static/js/casework/brought.js";
import { readEvent } from "../../static/js/ledger/body.js";
import { fromHex } from "../../static/js/vault/bytes.js";

/** @param {Record<string, any>} given what the server told, and the keys (hex) by `<kind>/<epoch>` */
export async function brought({ told, keys }) {
  const events = told.events.map(/** @param {{ body: string }} event */ ({ body }) => readEvent(body));
  const opened = new Map(Object.entries(keys).map(([name, key]) => [name, fromHex(key)]));
  const found = await openBrought(told, events, opened);
  return found.map(({ number, damage, manifest, sealed }) => [number, damage ?? manifest?.name, sealed !== null]);
}
