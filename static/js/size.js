/** How large something is, in the unit that people know. */

// As the limits are said: a megabyte of 1,048,576 bytes.
const KILOBYTE = 1024;
const UNITS = ["KB", "MB", "GB"];

/**
 * @param {number} bytes
 * @returns {string} such as "3,2 MB"; a kilobyte is the least there is
 */
export function sized(bytes) {
  const step = bytes < KILOBYTE ** 2 ? 1 : bytes < KILOBYTE ** 3 ? 2 : 3;
  const amount = bytes / KILOBYTE ** step;
  const written = step === 1 ? Math.ceil(amount) : amount.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
  return `${written} ${UNITS[step - 1]}`;
}
