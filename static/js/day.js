/** Days: as people write them, and counted on. */

const DAY_MS = 86_400_000;

/**
 * @param {string} day `YYYY-MM-DD`
 * @returns {string} such as "26 November 2026", in English too, as the server writes it there
 */
export function longDay(day) {
  const { lang } = document.documentElement;
  return new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { dateStyle: "long", timeZone: "UTC" }).format(new Date(day));
}

/**
 * @param {string} day `YYYY-MM-DD`
 * @param {number} count of days after it
 * @returns {string}
 */
export function daysAfter(day, count) {
  return new Date(new Date(day).getTime() + count * DAY_MS).toISOString().slice(0, 10);
}

/** @returns {string} the day by this device's own calendar, `YYYY-MM-DD` */
export function todayHere() {
  const now = new Date();
  return new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())).toISOString().slice(0, 10);
}
