// The stretching of words, loaded by the worker alone.
export { argon2id } from "@noble/hashes/argon2.js";
