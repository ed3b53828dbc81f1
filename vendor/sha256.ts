// The hash of a whole file, read piece by piece: the browser's own takes everything at once. Loaded when a file is chosen.
export { sha256 } from "@noble/hashes/sha2.js";
