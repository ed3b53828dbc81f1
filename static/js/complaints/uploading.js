/**
 * A file on its way: read once to know it, then sealed and sent chunk by chunk. A chunk that did not arrive is sent again as
 * it is; what has arrived is never sent again.
 */

import { inLanes } from "../lanes.js";
import { fromBase64, fromHex, hex, random } from "../vault/bytes.js";
import { KEY_BYTES, sha256 } from "../vault/derive.js";
import { boxFileKey, boxManifest, boxProgress, fileDigest } from "../vault/file-boxes.js";
import { readThrough } from "../vault/file-hashes.js";
import { CHUNK_BYTES, chunkNumbers, paddedSize, plainChunk, sealChunk } from "../vault/files.js";
import { openFile, putChunks, removeFile } from "./carrying.js";
import { Course, Ended } from "./course.js";
import { Refusal, Unanswered } from "./posting.js";

/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Manifest } from "../vault/file-boxes.js" */
/** @import { Read } from "../vault/file-hashes.js" */
/** @import { SealedFile } from "../vault/files.js" */
/** @import { Kept, Opening } from "./carrying.js" */
/** @import { Correspondence, ToldFile } from "./correspondence.js" */
/** @import { BroughtFile, Thread } from "./thread.js" */

/** @typedef {{ blob: Blob, type: string, name: string, how: Manifest["cleaned"] }} Ready a file as it will be sent */

/**
 * waiting for its turn; being read; being sent; lost: no answer, and tried again by itself; busy: the same, for too much comes to
 * the server just now; unkept: the same, for the reason that the server gives in `reason`; whole: all of it is there; refused, with the reason in `refusal`; removed.
 *
 * @typedef {"waiting" | "reading" | "sending" | "lost" | "busy" | "unkept" | "whole" | "refused" | "removed"} State
 */

const ID_BYTES = 16;
const CONFLICT = 409;

/** The file is not what it was when it was chosen. */
export class Changed extends Error {
  name = "Changed";
}

export class Upload {
  /** @type {State} */
  state = "waiting";
  /** @type {unknown} why it was refused */
  refusal;
  /** The server's own sentence, why it takes nothing of it just now. */
  reason = "";
  /** How much of it has been read, in bytes. */
  read = 0;
  /** @type {() => void} */
  onChange = () => undefined;
  #course = new Course();
  /** @type {Map<number, string>} what is there: SHA-256 (hex) of each sealed chunk */
  #there = new Map();
  /** @type {Map<number, { box: Bytes, digest: string }>} chunks on their way, sealed once: another box for the same place would be refused */
  #boxes = new Map();
  /** @type {Map<number, number>} what has left of chunks on their way, in bytes, by the first of those that go together */
  #leaving = new Map();
  /** @type {Read | undefined} */
  #known;
  /** @type {Opening | undefined} */
  #opening;
  /** @type {Promise<void>} ends with the last of those that learn what the server has */
  #learning = Promise.resolve();

  /**
   * @param {Ready} ready
   * @param {Correspondence} server
   * @param {SealedFile} sealed a new file's, or that of one that lies there half sent
   * @param {Read} [known] where it has been read already
   */
  constructor(ready, server, sealed, known) {
    this.ready = ready;
    this.server = server;
    this.sealed = sealed;
    this.size = ready.blob.size;
    this.#known = known;
  }

  /** @returns {number} how many of its bytes are there, or have left */
  get sent() {
    const arrived = [...this.#there.keys()].reduce((sum, number) => sum + lengthOf(this.size, number), 0);
    const leaving = [...this.#leaving.values()].reduce((sum, bytes) => sum + bytes, 0);
    return this.state === "whole" ? this.size : Math.min(this.size, arrived + leaving);
  }

  /** @returns {boolean} whether it is still to be waited for */
  get pending() {
    return !["whole", "refused", "removed"].includes(this.state);
  }

  /** Send what is missing; ends when the file is whole, refused, stopped or removed. */
  async run() {
    if (!this.pending) return;
    this.#course = new Course();
    try {
      await this.#run();
      this.#turn("whole");
    } catch (error) {
      if (!(error instanceof Ended)) this.#refuse(error);
    }
  }

  /** Have its turn again, if it was refused. */
  again() {
    if (this.state === "refused") this.#turn("waiting");
  }

  /** Break off what is under way; what has arrived stays, and the rest waits for the next turn. */
  stop() {
    this.#course.end();
    if (this.pending) this.#turn("waiting");
  }

  /** Stop, and have the server forget what it has. */
  async remove() {
    this.#course.end();
    this.#turn("removed");
    if (this.#opening || this.#there.size > 0) await removeFile(this.server, this.sealed.file);
  }

  /**
   * Return what an act must name to bring this file, boxed for the thread as it stands.
   *
   * @param {Thread} thread
   * @returns {Promise<BroughtFile>}
   */
  async broughtTo(thread) {
    // Since it was opened, an officer may have brought the thread's next key.
    if (this.#opening?.epoch !== thread.epoch) await this.#open(thread);
    const { epoch, key } = /** @type {Opening} */ (this.#opening);
    const { blob, type, name, how } = this.ready;
    const chunks = chunkNumbers(this.size).map((number) => String(this.#there.get(number)));
    const { whole } = /** @type {Read} */ (this.#known);
    const manifest = { chunks, cleaned: how, name, sha256: whole, size: blob.size, type };
    const boxed = await boxManifest(manifest, this.sealed);
    return { id: this.sealed.file, epoch, box: boxed, digest: await fileDigest(key, boxed, chunks.map(fromHex)) };
  }

  async #run() {
    this.#known ??= await this.#knowing();
    await this.#insist(() => this.#catchUp());
    this.#turn("sending");
    const missing = chunkNumbers(this.size).filter((number) => !this.#there.has(number));
    await inLanes(missing, async (together) => {
      try {
        await this.#send(together.filter((number) => !this.#there.has(number)));
      } catch (error) {
        // The others on their way end, too, before anything is tried again; those that went together first go one by one.
        if (together.length === 1) this.#course.end(error);
        throw error;
      }
    });
  }

  /** @returns {Promise<Read>} */
  #knowing() {
    this.#turn("reading");
    return readThrough(this.ready.blob, (bytes) => {
      this.#course.turn();
      this.read = bytes;
      this.onChange();
    });
  }

  /**
   * Learn what the server has of it by now, and open it there where that has not been done under the newest key: of two lanes
   * that meet the same change the second waits for the first, and has nothing left to open.
   */
  #catchUp() {
    const learned = this.#learning.then(() => this.#learnAll());
    this.#learning = learned.catch(() => undefined);
    return learned;
  }

  async #learnAll() {
    const told = await this.#course.untilEnded(() => this.server.told());
    const there = told.files.find(({ id }) => id === this.sealed.file);
    this.#learn(there);
    const thread = this.server.thread(told);
    if (this.#opening?.epoch !== thread.epoch || !there) await this.#open(thread);
  }

  /** @param {ToldFile | undefined} there */
  #learn(there) {
    for (const { number, digest } of there?.have ?? []) this.#arrive(number, digest);
    if (!there?.progress) return;
    const boxes = { key: fromBase64(there.key), progress: fromBase64(there.progress) };
    this.#opening = { file: there.id, epoch: there.epoch, size: there.size, ...boxes };
  }

  /** @param {Thread} thread */
  async #open(thread) {
    // The same boxes again, where the first answer was lost: others would be refused.
    if (this.#opening?.epoch !== thread.epoch) {
      const key = await boxFileKey(this.sealed, await thread.key(thread.epoch), thread.epoch, "thread");
      const progress = this.#opening?.progress ?? (await boxProgress(/** @type {Read} */ (this.#known).hashes, this.sealed));
      this.#opening = { file: this.sealed.file, epoch: thread.epoch, key, progress, size: paddedSize(this.size) };
    }
    const opening = this.#opening;
    await this.#course.untilEnded(() => openFile(this.server, opening));
  }

  /** @param {number[]} together chunks that follow one another: one is insisted on, several are tried once */
  async #send(together) {
    this.#course.turn();
    for (const number of together) await this.#box(number);
    if (together.length > 1) await this.#put(together);
    else if (together.length === 1) await this.#insist(() => this.#put(together));
  }

  /** @param {number} number */
  async #box(number) {
    if (this.#boxes.has(number)) return;
    const plain = await plainChunk(this.ready.blob, number);
    const { marks } = /** @type {Read} */ (this.#known);
    if (!(await marks.fit(plain, number))) throw new Changed();
    const box = await sealChunk(plain, this.sealed, number, this.size);
    this.#boxes.set(number, { box, digest: hex(await sha256(box)) });
  }

  /** @param {number[]} together */
  async #put(together) {
    const [first] = together;
    const length = together.reduce((sum, number) => sum + lengthOf(this.size, number), 0);
    const onSent = (/** @type {number} */ bytes) => {
      this.#leaving.set(first, Math.min(bytes, length));
      this.onChange();
    };
    const onKept = (/** @type {Kept[]} */ kept) => kept.forEach(({ number, digest }) => this.#keep(number, digest));
    const boxes = together.flatMap((number) => this.#boxes.get(number)?.box ?? []);
    try {
      await putChunks(this.server, { file: this.sealed.file, first }, boxes, { onSent, onKept, signal: this.#course.signal });
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== CONFLICT) throw error;
      // It had arrived before, in another box: that one counts.
      await this.#catchUp();
      if (!this.#has(together)) throw error;
    } finally {
      this.#leaving.delete(first);
      this.onChange();
    }
    if (!this.#has(together)) throw new Unanswered();
  }

  /**
   * Believe that a chunk is there, if it is the one that was sent.
   *
   * @param {number} number
   * @param {string} digest
   */
  #keep(number, digest) {
    if (this.#boxes.get(number)?.digest === digest) this.#arrive(number, digest);
  }

  /**
   * @param {number} number
   * @param {string} digest
   */
  #arrive(number, digest) {
    this.#there.set(number, digest);
    this.#boxes.delete(number);
  }

  /** @param {number[]} numbers */
  #has(numbers) {
    return numbers.every((number) => this.#there.has(number));
  }

  /** @param {() => Promise<void>} once */
  async #insist(once) {
    await this.#course.insist(once, (lost) => this.#wait(lost));
    if (["lost", "busy", "unkept"].includes(this.state)) this.#turn("sending");
  }

  /** @param {Unanswered} lost */
  #wait({ busy, sentence }) {
    this.reason = sentence;
    if (sentence) this.#turn("unkept");
    else this.#turn(busy ? "busy" : "lost");
  }

  /** @param {unknown} error */
  #refuse(error) {
    this.refusal = error;
    this.#turn("refused");
  }

  /** @param {State} state */
  #turn(state) {
    if (this.state === "removed") return;
    this.state = state;
    this.onChange();
  }
}

/**
 * Draw the id and the key of a new file: neither is ever another file's.
 *
 * @param {string} complaint
 * @returns {SealedFile}
 */
export function newFile(complaint) {
  return { complaint, file: hex(random(ID_BYTES)), key: random(KEY_BYTES) };
}

/**
 * @param {number} size of the file, in bytes
 * @param {number} number
 * @returns {number} how many bytes its chunk of that number has
 */
function lengthOf(size, number) {
  return Math.min(CHUNK_BYTES, paddedSize(size) - (number - 1) * CHUNK_BYTES);
}
