/** The browser's half of the vault, driven by Python: bytes come and go as hex, a refusal is the error's name. */

import { Directory, vouchedRecipient } from "../../static/js/directory/directory.js";
import * as statements from "../../static/js/directory/statements.js";
import { eventThatCarries, readHistory } from "../../static/js/ledger/history.js";
import { keyRef, objectRef, writeEvent } from "../../static/js/ledger/body.js";
import * as bodies from "../../static/js/vault/bodies.js";
import { box, unbox } from "../../static/js/vault/box.js";
import { base64, fromBase64, fromHex, fromUtf8, hex, utf8 } from "../../static/js/vault/bytes.js";
import { context } from "../../static/js/vault/context.js";
import { chunkCount, openChunk, plainChunk, sealChunk } from "../../static/js/vault/files.js";
import { canonical, keysOf } from "../../static/js/vault/phrase.js";
import { Identity, Recipient, seal, unseal } from "../../static/js/vault/seal.js";
import { SigningKey, verify } from "../../static/js/vault/sign.js";
import { draw } from "../../static/js/vault/spelling.js";
import { probe, stretch } from "../../static/js/vault/stretch.js";

/** @typedef {Record<string, any>} Given */

/**
 * @param {() => Promise<any>} act
 * @returns {Promise<any>} its result, or the name of its error
 */
async function outcome(act) {
  try {
    return await act();
  } catch (error) {
    return error instanceof Error ? error.name : error;
  }
}

/** @param {Given} given */
export async function sealEach({ public: raw, context: place, plaintexts }) {
  const recipient = await Recipient.fromBytes(fromHex(raw));
  /** @param {string} text */
  const sealed = async (text) => hex(await seal(fromHex(text), recipient, utf8(place)));
  // All at once: the library keeps scratch space that seals made side by side must not share.
  return Promise.all(plaintexts.map(sealed));
}

/** @param {Given} given */
export async function openEach({ seed, context: place, sealed }) {
  const identity = await Identity.fromSeed(fromHex(seed));
  /** @param {string} each */
  const opened = (each) => outcome(async () => hex(await unseal(fromHex(each), identity, utf8(place))));
  return Promise.all(sealed.map(opened));
}

/** @param {Given} given */
export async function boxEach({ key, context: place, plaintexts }) {
  /** @param {string} text */
  const boxed = (text) => outcome(async () => hex(await box(fromHex(text), fromHex(key), utf8(place))));
  return Promise.all(plaintexts.map(boxed));
}

/** @param {Given} given */
export async function unboxEach({ key, context: place, boxed }) {
  /** @param {string} each */
  const opened = (each) => outcome(async () => hex(await unbox(fromHex(each), fromHex(key), utf8(place))));
  return Promise.all(boxed.map(opened));
}

/** @param {Given} given a file of `size` times the byte `letter`, and what it is sealed as */
export async function sealedFile({ size, letter, key, complaint, file }) {
  const [blob, sealed] = [new Blob([new Uint8Array(size).fill(letter)]), { key: fromHex(key), complaint, file }];
  const chunks = [];
  for (let index = 1; index <= chunkCount(size); index += 1) {
    chunks.push(base64(await sealChunk(await plainChunk(blob, index), sealed, index, size)));
  }
  return chunks;
}

/** @param {Given} given chunks in base64; returns of each how many bytes `letter` it opens to, or its error's name */
export async function openedFile({ chunks, size, letter, key, complaint, file }) {
  const sealed = { key: fromHex(key), complaint, file };
  /** @param {Uint8Array} part */
  const counted = (part) => part.filter((byte) => byte === letter).length;
  /** @type {(chunk: string, at: number) => Promise<any>} */
  const opened = (chunk, at) => outcome(async () => counted(await openChunk(fromBase64(chunk), sealed, at + 1, size)));
  return Promise.all(chunks.map(opened));
}

/** @param {Given} given a seed that lies in the middle of other bytes */
export async function keysInTheMiddle({ before, seed, after }) {
  const whole = fromHex(before + seed + after);
  const lent = whole.subarray(before.length / 2, (before.length + seed.length) / 2);
  const [identity, key] = [await Identity.fromSeed(lent), await SigningKey.fromSeed(lent)];
  whole.fill(0);
  const signature = await key.sign(utf8("laporan"));
  const read = await Recipient.fromBytes(concatInTheMiddle(identity.recipient.raw));
  return { kem: identity.recipient.digest, read: read.digest, sign: hex(key.public), signature: hex(signature) };
}

/** @param {Uint8Array} bytes */
function concatInTheMiddle(bytes) {
  const whole = new Uint8Array(bytes.length + 2);
  whole.set(bytes, 1);
  return whole.subarray(1, -1);
}

/** @param {Given} given */
export async function keyOfLength({ length }) {
  const seed = new Uint8Array(length);
  return [await outcome(() => Identity.fromSeed(seed)), await outcome(() => SigningKey.fromSeed(seed))];
}

/** @param {Given} given */
export async function signed({ seed, statement, event, message, keys }) {
  const key = await SigningKey.fromSeed(fromHex(seed));
  const refs = [await objectRef("message", message.id, fromHex(message.box))];
  for (const { epoch, recipient, sealed } of keys) refs.push(await keyRef("thread-key", epoch, recipient, fromHex(sealed)));
  const previous = fromHex(event.previous);
  return {
    public: hex(key.public),
    statement: await statements.sign({ ...statement, version: BigInt(statement.version) }, key),
    event: await bodies.sign(writeEvent({ ...event, seq: BigInt(event.seq), previous, objects: refs }), key),
  };
}

/** @param {Given} given */
export async function badlyWritten({ lines }) {
  return outcome(async () => bodies.write(lines));
}

/** @param {Given} given */
export async function read({ body, keys }) {
  return outcome(async () => bodies.read(body, keys));
}

/** @param {Given} given */
export async function day({ value }) {
  return outcome(async () => bodies.day(value));
}

/** @param {Given} given */
export async function placed({ epoch }) {
  return outcome(async () => fromUtf8(context("account", { epoch: BigInt(epoch) })));
}

/** A phrase drawn here, with every key that comes from it. */
export async function drawnPhrase(/** @type {Given} */ { salt }) {
  const words = draw(8);
  const keys = await keysOf(await stretch(canonical(words.toUpperCase()), fromHex(salt)));
  return { words, ledgerKey: hex(keys.ledgerKey), kem: keys.reporter.recipient.digest, sign: hex(keys.sign.public) };
}

/**
 * @template Result
 * @param {Promise<Result>} awaited
 * @returns {Promise<Result>} the same, unless it takes longer than any device may
 */
function soon(awaited) {
  const late = new Promise((_, reject) => setTimeout(() => reject("nothing came"), 120_000));
  return /** @type {Promise<Result>} */ (Promise.race([awaited, late]));
}

/** @param {Given} given */
export async function stretched({ words, salt }) {
  /** @type {number[]} */
  const progress = [];
  const made = () => stretch(words, fromHex(salt), (done) => progress.push(done));
  const key = await outcome(async () => hex(await soon(made())));
  return { key, progress };
}

/** @returns {Promise<number | string>} milliseconds */
export async function probed() {
  return outcome(() => soon(probe()));
}

/** @param {Given} given */
export async function verified({ public: publicKey, signature, message }) {
  return outcome(() => verify(fromHex(publicKey), fromHex(signature), utf8(message)));
}

/** @param {Given} given */
export async function throughBase64({ text }) {
  return base64(fromBase64(text));
}

/** @param {Given} given */
export async function readHex({ text }) {
  return outcome(async () => hex(fromHex(text)));
}

/** @param {Given} given */
export async function readUtf8({ bytes }) {
  return outcome(async () => fromUtf8(fromHex(bytes)));
}

/** @param {Given} given */
export async function vouched({ root, bodies: all, officer, desk, kem }) {
  const directory = await Directory.judge(fromHex(root), all);
  const asked = {
    officer: async () => shown(directory.officer(officer)),
    desk: async () => shown(directory.deskKey(desk)),
    recovery: async () => directory.recoveryDigest,
    recipient: async () => (await vouchedRecipient(fromHex(kem), directory.deskKey(desk).kemDigest)).digest,
    officers: async () => directory.officers(desk).map(({ id }) => id),
    children: async () => directory.children("33"),
    remits: async () => [...directory.remits()],
  };
  const told = Object.entries(asked).map(async ([name, act]) => [name, await reason(act)]);
  return Object.fromEntries(await Promise.all(told));
}

/** @param {Given} given */
export async function everHeld({ root, bodies: all, officer }) {
  const directory = await Directory.judge(fromHex(root), all);
  return (await directory.signingKeys(officer)).map(hex).sort();
}

/** @param {Given} given */
export async function everRevoked({ root, bodies: all, officer, keys }) {
  const directory = await Directory.judge(fromHex(root), all);
  return Object.keys(keys).filter((name) => directory.wasRevoked(officer, fromHex(keys[name])));
}

/**
 * @param {() => Promise<any>} act
 * @returns {Promise<any>} its result, or why something is not vouched for
 */
async function reason(act) {
  try {
    return await act();
  } catch (error) {
    return error instanceof Error && "reason" in error ? { [error.name]: error.reason } : error;
  }
}

/** @param {Record<string, any>} found */
function shown(found) {
  const entries = Object.entries(found);
  return Object.fromEntries(entries.map(([name, value]) => [name, value instanceof Uint8Array ? hex(value) : String(value)]));
}

/** @param {Given} given */
export async function history({ root, statements: all, complaint, ledgerKey, logged, carried }) {
  const directory = await Directory.judge(fromHex(root), all);
  /** @param {{ body: string, entry: string }} told */
  const withBytes = ({ body, entry }) => ({ body, entry: fromHex(entry) });
  try {
    const known = { complaint, ledgerKey: fromHex(ledgerKey), directory };
    const events = await readHistory(logged.map(withBytes), known);
    return { actions: events.map(({ action }) => action), author: carried && eventThatCarries(events, carried)?.actor };
  } catch (error) {
    return error instanceof Error && "fault" in error && "seq" in error ? [error.fault, error.seq] : String(error);
  }
}
