/** Who holds a case's keys, by its signed history: a lead may be asked to seal to others, and must not. */

/** @import { Event } from "../ledger/body.js" */

const OBJECTION = "OBJECTION";
const UPHOLD = "uphold";
const RECUSE = "recuse";
const ASSIGNEE = "assignee";
const HANDLER = "handler";

/** @typedef {{ post: "assignee" | "handler", officer: string }} Appointment to look into the case, or into its objection */

/**
 * @param {string} officer
 * @param {Event[]} events
 * @returns {boolean} whether he has been given keys, and has not been replaced since
 */
export function holdsKeys(officer, events) {
  const given = events.map(({ objects }) => objects.some(({ id }) => id.endsWith(`.officer:${officer}`)));
  const lost = events.map((event, at) => replaces(event, officer, events.slice(0, at)));
  return given.lastIndexOf(true) > lost.lastIndexOf(true);
}

/**
 * @param {string} officer
 * @param {Event[]} events
 * @returns {boolean} whether he ever said that the case is none for him
 */
export function hasRecused(officer, events) {
  return events.some(({ action, actor }) => action === RECUSE && actor === `officer:${officer}`);
}

/**
 * @param {Event} event
 * @param {string} officer
 * @param {Event[]} before
 * @returns {boolean} whether the event puts somebody else where the officer was
 */
function replaces(event, officer, before) {
  const appointed = appointmentIn(event);
  if (!appointed || appointed.officer === officer) return false;
  const posts = before.flatMap((earlier) => appointmentIn(earlier) ?? []).filter(({ post }) => post === appointed.post);
  return posts.at(-1)?.officer === officer;
}

/**
 * @param {Event} event
 * @returns {Appointment | null}
 */
function appointmentIn({ action, fromState, actor, clear }) {
  // Whoever upholds an objection looks into the case himself.
  if (action === UPHOLD) return { post: ASSIGNEE, officer: actor.split(":")[1] };
  if (clear.assignee === undefined) return null;
  return { post: fromState === OBJECTION ? HANDLER : ASSIGNEE, officer: clear.assignee };
}
