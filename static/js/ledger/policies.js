/**
 * The policy that an installation recommends (c2sp.org/tlog-policy): its log, its witnesses, how many are needed. Of what
 * the document allows the plain form alone is read, one group of all witnesses, as our server writes it.
 */

import { Malformed } from "../vault/bodies.js";
import { hex } from "../vault/bytes.js";
import { COSIGNATURE, ED25519, Verifier } from "./notes.js";

const [GROUP, NOBODY] = ["witnesses", "none"];
const NAME = /^[A-Za-z0-9._-]{1,64}$/;
const URL = /^https?:\/\/[!-~]{1,400}$/;
// A note has at most 64 signatures, and the log's own is one.
const MOST = 32;
const COUNT = /^(?:0|[1-9][0-9]{0,2})$/;

/** @typedef {{ name: string, verifier: Verifier, url: string }} Witness */
/** @typedef {{ log: Verifier, witnesses: Witness[], needed: number }} Policy of how many the signature is needed */

/**
 * Read a policy.
 *
 * @param {string} text
 * @returns {Policy}
 * @throws {Malformed} on any that our server would not write
 */
export function readPolicy(text) {
  const [first, ...lines] = text.split("\n").slice(0, -1).map((line) => line.split(" "));
  const witnesses = lines.filter((line) => line[0] === "witness" && line.length === 4).map(readWitness);
  const counts = lines.filter((line) => line[0] === "group" && line.length > 2 && COUNT.test(line[2])).map((line) => line[2]);
  const found = { log: Verifier.read((first ?? []).slice(1).join(" ")), witnesses, needed: Number(counts[0] ?? 0) };
  if (write(found) !== text || found.log.kind !== ED25519 || !isSound(found)) throw new Malformed();
  return found;
}

/**
 * @param {string[]} line
 * @returns {Witness}
 */
function readWitness([, name, vkey, url]) {
  const verifier = Verifier.read(vkey);
  const fit = NAME.test(name) && ![GROUP, NOBODY].includes(name) && URL.test(url) && !url.endsWith("/");
  if (!fit || verifier.kind !== COSIGNATURE) throw new Malformed();
  return { name, verifier, url };
}

/**
 * @param {Policy} policy
 * @returns {string}
 */
function write({ log, witnesses, needed }) {
  const names = witnesses.map(({ name }) => name).join(" ");
  const lines = [
    `log ${log.vkey}`,
    ...witnesses.map(({ name, verifier, url }) => `witness ${name} ${verifier.vkey} ${url}`),
    ...(needed > 0 ? [`group ${GROUP} ${needed} ${names}`, `quorum ${GROUP}`] : [`quorum ${NOBODY}`]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/**
 * Tell whether every witness is one, and no more are needed than there are.
 *
 * @param {Policy} policy
 * @returns {boolean}
 */
function isSound({ log, witnesses, needed }) {
  const names = new Set(witnesses.map(({ name }) => name));
  const keys = new Set([log, ...witnesses.map(({ verifier }) => verifier)].map((verifier) => hex(verifier.public)));
  return names.size === witnesses.length && keys.size === witnesses.length + 1 && needed <= names.size && names.size <= MOST;
}
