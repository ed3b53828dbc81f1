/** The one failure of the vault. */

/** Something does not open or cannot be sealed to, and nothing more is told: why would help only a forger. */
export class Unreadable extends Error {
  name = "Unreadable";
}
