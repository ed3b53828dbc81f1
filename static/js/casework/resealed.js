/**
 * Keys sealed anew, for a desk's next key or an officer's: no event carries them, a lead of the desk has signed for each.
 */

import { LEAD } from "../directory/statements.js";
import { readReseal } from "../ledger/reseal.js";
import { Malformed, signedBy } from "../vault/bodies.js";

/** @import { Directory } from "../directory/directory.js" */
/** @import { Event, ObjectRef } from "../ledger/body.js" */
/** @import { Reseal } from "../ledger/reseal.js" */

/**
 * Tell whether a copy was rightly sealed anew: for the desk the case lies at, in the place of a copy that an event
 * carries, with the words of somebody who was a lead there.
 *
 * @param {Event[]} events of the case, that hold
 * @param {ObjectRef} ref what an event would have to carry; its digest is empty where the copy is
 * @param {string | null} body
 * @param {Directory} directory
 * @returns {Promise<boolean>}
 */
export async function wasResealed(events, { kind, id, digest }, body, directory) {
  const [said, [lodging]] = [body === null ? null : readOrNone(body), events];
  if (!said || !lodging || (said.digest ?? "") !== digest || said.object !== lodging.case) return false;
  if (`${said.kind}-key` !== kind || `${said.epoch}.${said.after}` !== id) return false;
  const desk = String(lodging.clear.desk);
  const holder = said.after.startsWith("officer:") ? said.after : `desk:${desk}:`;
  if (!isInPlace(events, said, holder)) return false;
  const keys = await directory.signingKeys(said.officer, [desk], LEAD);
  const signed = await Promise.all(keys.map((key) => signedBy(/** @type {string} */ (body), key)));
  return signed.includes(true);
}

/**
 * @param {Event[]} events
 * @param {Reseal} said
 * @param {string} holder how the recipient's name begins, or all of it where he is an officer
 * @returns {boolean} whether it goes to whom an event has carried a key of this kind and epoch
 */
function isInPlace(events, { kind, epoch, after }, holder) {
  const refs = events.flatMap(({ objects }) => objects).filter((ref) => ref.kind === `${kind}-key`);
  const place = `${epoch}.${holder}`;
  const carried = refs.some(({ id }) => (holder.startsWith("desk:") ? id.startsWith(place) : id === place));
  return carried && after.startsWith(holder);
}

/**
 * @param {string} body
 * @returns {Reseal | null}
 */
function readOrNone(body) {
  try {
    return readReseal(body);
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}
