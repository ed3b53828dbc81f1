/**
 * One function for each file of tests/vectors: what the browser's half of the vault makes of its vectors, for Python to
 * compare. A refusal is `null`, as it is in the files; an error that is none of the vault's is let through.
 */

import * as claims from "../../static/js/directory/claims.js";
import { Directory, NotVouched } from "../../static/js/directory/directory.js";
import * as statementForms from "../../static/js/directory/statements.js";
import * as eventForms from "../../static/js/ledger/body.js";
import * as ledger from "../../static/js/ledger/entries.js";
import { Verifier } from "../../static/js/ledger/notes.js";
import { readPolicy } from "../../static/js/ledger/policies.js";
import { readPromise } from "../../static/js/ledger/promises.js";
import { Log, Unproved } from "../../static/js/ledger/proofs.js";
import { leafHash, rootBy, Tree } from "../../static/js/ledger/tree.js";
import { NoDesk, route } from "../../static/js/routing.js";
import * as bodies from "../../static/js/vault/bodies.js";
import * as boxes from "../../static/js/vault/box.js";
import { fromHex, fromUtf8, hex, utf8 } from "../../static/js/vault/bytes.js";
import * as places from "../../static/js/vault/context.js";
import * as deriving from "../../static/js/vault/derive.js";
import { Unreadable } from "../../static/js/vault/errors.js";
import * as fileForms from "../../static/js/vault/file-boxes.js";
import * as files from "../../static/js/vault/files.js";
import * as fingerprints from "../../static/js/vault/fingerprint.js";
import { authToken, officerKeys, unlockKey } from "../../static/js/vault/officers.js";
import { pad, TooLong, unpad } from "../../static/js/vault/padding.js";
import * as phrases from "../../static/js/vault/phrase.js";
import { Identity, Recipient, unseal } from "../../static/js/vault/seal.js";
import { SigningKey, verify } from "../../static/js/vault/sign.js";
import { spell } from "../../static/js/vault/spelling.js";
import * as stretching from "../../static/js/vault/stretch.js";
import { argon2id } from "../../static/vendor/argon2.js";
import { XWing } from "../../static/vendor/hpke.js";

/** @import { VouchedOfficer } from "../../static/js/directory/directory.js" */
/** @typedef {Record<string, any>} Vector */

const { unbox } = boxes;

/**
 * @param {() => any} act
 * @param {(new (...given: any[]) => Error)[]} errors
 * @returns {Promise<any>} what `act` returns, or `null` where it throws one of `errors`
 */
async function unless(act, ...errors) {
  try {
    return await act();
  } catch (error) {
    if (errors.some((each) => error instanceof each)) return null;
    throw error;
  }
}

/** @param {Vector} vector */
export async function context({ kind, complaint, object, epoch, recipient }) {
  const placed = () => fromUtf8(places.context(kind, { complaint, object, epoch, recipient }));
  return { context: await unless(placed, RangeError) };
}

/** @param {Vector} vector */
export async function padding(vector) {
  return "opens" in vector ? opened(vector) : padded(vector);
}

/** @param {Vector} vector */
async function padded({ letter, length }) {
  const made = await unless(() => pad(utf8(letter.repeat(length))), TooLong);
  if (made && fromUtf8(unpad(made)) !== letter.repeat(length)) throw new Error("it does not come back");
  return { size: made?.length ?? null, sha256: made && hex(await deriving.sha256(made)) };
}

/** @param {Vector} vector */
async function opened({ head, tail = "", size }) {
  const bytes = new Uint8Array(size);
  bytes.set(fromHex(head));
  bytes.set(fromHex(tail), size - tail.length / 2);
  return { size, opens: (await unless(() => unpad(bytes), Unreadable)) !== null };
}

/** @param {Vector} vector */
export async function derive({ secret, label, key, data }) {
  if (label === undefined) return { hash: hex(await deriving.keyedHash(fromHex(key), fromHex(data))) };
  return { derived: hex(await deriving.derive(fromHex(secret), label)) };
}

/** @param {Vector} vector */
export async function stretch({ words, salt }) {
  return { key: hex(await stretching.stretch(words, fromHex(salt))) };
}

/** @param {Vector} vector */
export async function recipients({ public: raw }) {
  const recipient = await unless(() => Recipient.fromBytes(fromHex(raw)), Unreadable);
  return { digest: recipient?.digest ?? null };
}

/** @param {Vector} vector */
export async function seal({ seed, context: place, sealed }) {
  const identity = await Identity.fromSeed(fromHex(seed));
  const opened = await unless(() => unseal(fromHex(sealed), identity, utf8(place)), Unreadable);
  return { public: hex(identity.recipient.raw), plaintext: opened && hex(opened) };
}

/** @param {Vector} vector */
export async function box({ key, context: place, boxed }) {
  const opened = await unless(() => unbox(fromHex(boxed), fromHex(key), utf8(place)), Unreadable);
  return { plaintext: opened && hex(opened) };
}

/** @param {Vector} vector */
export async function fileSizes({ file_size: size }) {
  return { padded: files.paddedSize(size), chunks: files.chunkCount(size) };
}

/** @param {Vector} vector */
export async function fileChunks({ key, complaint, file, index, size, boxed }) {
  const sealed = { key: fromHex(key), complaint, file };
  const opened = await unless(() => files.openChunk(fromHex(boxed), sealed, index, size), Unreadable);
  return { plaintext: opened && hex(opened) };
}

/** @param {Vector} vector */
export async function fileBoxes(vector) {
  return { opened: await unless(() => openedBox(vector), Unreadable) };
}

/** @param {Vector} vector */
async function openedBox({ kind, key, complaint, file, epoch, side, boxed }) {
  const [under, content] = [fromHex(key), fromHex(boxed)];
  if (kind === "file-key") return hex((await fileForms.openFileKey(content, under, { complaint, file, epoch, side })).key);
  const sealed = { key: under, complaint, file };
  if (kind === "file-progress") return (await fileForms.openProgress(content, sealed)).map(hex);
  return fileForms.openManifest(content, sealed);
}

/** @param {Vector} vector */
export async function fileManifests({ text }) {
  const sealed = { key: new Uint8Array(32), complaint: "a".repeat(32), file: "b".repeat(32) };
  const place = places.context("file-manifest", { complaint: sealed.complaint, object: sealed.file });
  const boxed = await boxes.box(pad(fromHex(text)), sealed.key, place);
  const manifest = await unless(() => fileForms.openManifest(boxed, sealed), Unreadable);
  if (manifest) {
    const again = unpad(await unbox(await fileForms.boxManifest(manifest, sealed), sealed.key, place));
    if (hex(again) !== text) throw new Error("it is not written alike");
  }
  return { manifest };
}

/** @param {Vector} vector */
export async function fileDigests({ key_box: key, manifest_box: manifest, chunks }) {
  return { digest: await fileForms.fileDigest(fromHex(key), fromHex(manifest), chunks.map(fromHex)) };
}

/** @param {Vector} vector */
export async function officers({ seed, password_key: passwordKey }) {
  if (seed === undefined) {
    return { unlock: hex(await unlockKey(fromHex(passwordKey))), auth: hex(await authToken(fromHex(passwordKey))) };
  }
  const keys = await officerKeys(fromHex(seed));
  return { kem: hex(keys.identity.recipient.raw), sign: hex(keys.sign.public) };
}

/** @param {Vector} vector */
export async function sign({ seed, message, public: publicKey, signature }) {
  const data = fromHex(message);
  const found = { valid: await verify(fromHex(publicKey), fromHex(signature), data) };
  // Without the seed these are given, not made.
  if (seed === undefined) return { ...found, public: publicKey, signature };
  const key = await SigningKey.fromSeed(fromHex(seed));
  return { ...found, public: hex(key.public), signature: hex(await key.sign(data)) };
}

/** @param {Vector} vector */
export async function xwing({ seed, enc }) {
  const identity = await Identity.fromSeed(fromHex(seed));
  const raw = hex(identity.recipient.raw);
  const opened = enc && (await new XWing().decap({ recipientKey: identity.key, enc: fromHex(enc).buffer }));
  return { public_begins: raw, public_ends: raw, shared_secret: opened && hex(new Uint8Array(opened)) };
}

/** @param {Vector} vector */
export async function argon2({ memory, passes, lanes, password, salt, secret, data }) {
  const how = { m: memory, t: passes, p: lanes, dkLen: 32, key: fromHex(secret), personalization: fromHex(data) };
  return { key: hex(argon2id(fromHex(password), fromHex(salt), how)) };
}

/** @param {Vector} vector */
export async function statements({ body, public: publicKey }) {
  const statement = await unless(() => statementForms.parse(body), bodies.Malformed);
  if (statement && !body.startsWith(statementForms.write(statement))) throw new Error("it is written otherwise");
  return {
    statement: statement && { ...statement, version: String(statement.version) },
    signed: await bodies.signedBy(body, fromHex(publicKey)),
  };
}

/** @param {Vector} vector */
export async function events({ body, public: publicKey }) {
  const event = await unless(() => eventForms.readEvent(body), bodies.Malformed);
  return { event: event && written(event), signed: await bodies.signedBy(body, fromHex(publicKey)) };
}

/** @param {eventForms.Event} event */
function written(event) {
  const { fromState, toState, previous, access, ...rest } = event;
  return {
    ...rest,
    from_state: fromState,
    to_state: toState,
    seq: String(event.seq),
    previous: previous && hex(previous),
    access: access && hex(access),
  };
}

/** @param {Vector} vector */
export async function entries({ ledger_key: key, seq, body }) {
  const given = /** @type {const} */ ([fromHex(key), BigInt(seq)]);
  return {
    tag: hex(await ledger.tag(...given)),
    commitment: hex(await ledger.commitment(...given, body)),
    entry: hex(await ledger.entryOf(...given, body)),
  };
}

/** @param {Vector} vector */
export async function merkle({ entries: all, inclusion, index }) {
  const tree = new Tree();
  for (const entry of all) tree.add(fromHex(entry));
  const root = hex(tree.root());
  if (inclusion === undefined) return { root };
  const found = rootBy(inclusion.map(fromHex), BigInt(index), BigInt(tree.size), leafHash(fromHex(all[index])));
  return { inclusion: found && hex(found) === root ? inclusion : null };
}

/** @param {Vector} vector */
export async function vkeys({ vkey }) {
  const key = await unless(() => Verifier.read(vkey), bodies.Malformed);
  if (key && key.vkey !== vkey) throw new Error("it is not written alike");
  return { key: key && { name: key.name, kind: hex(Uint8Array.of(key.kind)), public: hex(key.public), id: hex(key.id) } };
}

/** @param {Vector} vector */
export async function notes({ note, vkey }) {
  const stated = await unless(() => new Log({ vkey, policy: `log ${vkey}\nquorum none\n` }).open(note), Unproved);
  return { checkpoint: stated && { size: String(stated.size), root: hex(stated.root), extensions: stated.extensions } };
}

/** @param {Vector} vector */
export async function policies({ text }) {
  const policy = await unless(() => readPolicy(text), bodies.Malformed);
  return { policy: policy && { needed: policy.needed, witnesses: policy.witnesses.map((/** @type {any} */ { name }) => name) } };
}

/** @param {Vector} vector */
export async function proofs({ proof, entry, vkey, policy }) {
  try {
    const { index, size, seen } = await new Log({ vkey, policy }).prove(proof, fromHex(entry));
    const times = [...seen].map(([name, at]) => [name, String(at)]);
    return { part: null, found: { index: String(index), size: String(size), seen: Object.fromEntries(times) } };
  } catch (error) {
    if (error instanceof Unproved) return { part: error.part, found: null };
    throw error;
  }
}

/** @param {Vector} vector */
export async function promises({ body }) {
  const promise = await unless(() => readPromise(body), bodies.Malformed);
  return { promise: promise && { entry: hex(promise.entry), until: promise.until } };
}

/** @param {Vector} vector */
export async function directory({ root, bodies: all, pins, ever }) {
  const found = await Directory.judge(fromHex(root), all, pins);
  const subjects = [...claims.claimsBySubject(all).keys()].sort().map((name) => name.split("/"));
  const held = Object.keys(ever).map(async (id) => [id, (await found.signingKeys(id)).map(hex).sort()]);
  return {
    verdicts: Object.fromEntries(subjects.map(([kind, name]) => [`${kind}/${name}`, found.reason(kind, name) ?? "vouched"])),
    desks: Object.fromEntries([...found.desks()].map(([id, { parent, remit }]) => [id, { parent, remit }])),
    keys: Object.fromEntries(found.openDesks().map((desk) => [desk, deskKey(found, desk)])),
    ever: Object.fromEntries(await Promise.all(held)),
    revocable: Object.fromEntries(Object.keys(ever).map((id) => [id, signOf(found.revocable(id))])),
    remember: found.pins(),
    log: await unless(() => hex(found.logKey), NotVouched),
    promise: await unless(() => hex(found.promiseKey), NotVouched),
    promises: (await found.promiseKeys()).map(({ public: key, last }) => [hex(key), last]),
  };
}

/** @param {VouchedOfficer | null} officer */
function signOf(officer) {
  return officer && hex(officer.sign);
}

/**
 * @param {Directory} found
 * @param {string} desk
 */
function deskKey(found, desk) {
  const { epoch, kemDigest } = found.deskKey(desk);
  return { epoch: String(epoch), kem: kemDigest };
}

/** @param {Vector} vector */
export async function phrase({ typed, count }) {
  try {
    return { canonical: phrases.canonical(typed, count) };
  } catch (error) {
    if (error instanceof phrases.WrongCount) return { canonical: null, found: error.found };
    if (!(error instanceof phrases.UnknownWord)) throw error;
    return { canonical: null, position: error.position, word: error.typed, candidates: error.candidates };
  }
}

/** @param {Vector} vector */
export async function phraseKeys({ words, salt }) {
  const phraseKey = await stretching.stretch(words, fromHex(salt));
  const keys = await phrases.keysOf(phraseKey);
  return {
    phrase_key: hex(phraseKey),
    lookup_token: hex(keys.lookupToken),
    reporter: keys.reporter.recipient.digest,
    sign: hex(keys.sign.public),
    ledger_key: hex(keys.ledgerKey),
  };
}

/** @param {Vector} vector */
export async function fingerprint({ kem, sign: publicKey, bits }) {
  const words = kem ? await fingerprints.fingerprint(fromHex(kem), fromHex(publicKey)) : spell(fromHex(bits), 8);
  return { words };
}

/** @param {Vector} vector */
export async function routing({ region, sector, level, excluded, open, remits, floors }) {
  const label = { region, sector, level, excluded };
  return { desk: await unless(() => route(label, new Map(Object.entries(remits)), open, floors), NoDesk) };
}
