// Signatures, loaded where the browser's own cryptography has no Ed25519. Its SHA-512 is the browser's.
export { getPublicKeyAsync, Point, signAsync } from "@noble/ed25519";
