"""Signed notes, as c2sp.org/signed-note says: a text, an empty line, and lines that sign it. Pure."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from kernel.vault import Malformed, SigningKey, verify

# The signature types: of a text alone, and of a witness that signs the time as well (c2sp.org/tlog-cosignature).
ED25519, COSIGNATURE = b"\x01", b"\x04"
TIME_BYTES = 8
ID_BYTES = 4
KEY_BYTES = 32
MOST_SIGNATURES = 64
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
# What Unicode calls a space, and the plus sign, part a name from what follows.
VKEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)")
LINE = re.compile(r"\u2014 ([^\s+]+) ([A-Za-z0-9+/]+=*)")


@dataclass(frozen=True)
class Verifier:
    """Whose signature is looked for: a name and an Ed25519 key (32 bytes), and what it signs (``kind``)."""

    name: str
    public: bytes
    kind: bytes = ED25519

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a line says which key signed it."""
        return sha256(f"{self.name}\n".encode() + self.kind + self.public).digest()[:ID_BYTES]

    @property
    def vkey(self) -> str:
        """The verifier as one line of text: ``<name>+<key id>+<base64 of type ‖ public key>``."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(self.kind + self.public).decode()}"

    def holds(self, signature: bytes, text: str) -> bool:
        """Tell whether a signature is this key's over a text; a witness's has its time in front."""
        if self.kind == ED25519:
            return verify(self.public, signature, text.encode())
        at = int.from_bytes(signature[:TIME_BYTES], "big")
        return verify(self.public, signature[TIME_BYTES:], cosigned(text, at))

    @classmethod
    def read(cls, vkey: str) -> Verifier:
        """Read a vkey; raises ``Malformed`` on another type or length of key, or a key id that is not its own."""
        parts = VKEY.fullmatch(vkey)
        key = base64_of(parts[3]) if parts else b""
        verifier = cls(parts[1] if parts else "", key[1:], key[:1])
        known = verifier.kind in {ED25519, COSIGNATURE} and len(verifier.public) == KEY_BYTES
        if not known or verifier.vkey != vkey:
            raise Malformed
        return verifier


@dataclass(frozen=True)
class Signature:
    """One signature line: whose it says it is, and the signature's bytes."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line, its end included."""
        return f"\u2014 {self.name} {b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A text, its last line's end included, and its signatures, none of them checked."""

    text: str
    signatures: tuple[Signature, ...]

    def signatures_of(self, verifier: Verifier) -> list[bytes]:
        """Return the signatures said to be of this key."""
        asked = (verifier.name, verifier.key_id)
        return [each.signature for each in self.signatures if (each.name, each.key_id) == asked]

    def seen_at(self, witness: Verifier) -> int | None:
        """Return when a witness says that it has signed, in seconds of POSIX; ``None`` where it has not."""
        return max((int.from_bytes(each[:TIME_BYTES], "big") for each in self.signatures_of(witness)), default=None)

    def is_signed_by(self, verifier: Verifier) -> bool:
        """Tell whether this key signed the text; one signature of its that does not hold spoils the note."""
        found = self.signatures_of(verifier)
        return bool(found) and all(verifier.holds(each, self.text) for each in found)


def sign_note(text: str, name: str, key: SigningKey) -> str:
    """Return the note of ``text`` signed by one key; raises ``Malformed`` where text or name cannot stand in a note."""
    signature = Signature(name, Verifier(name, key.public).key_id, key.sign(text.encode()))
    return write_note(text, [signature])


def cosign(text: str, at: int, name: str, key: SigningKey) -> Signature:
    """Return a witness's signature over a checkpoint's text and the time, in seconds of POSIX."""
    signed = at.to_bytes(TIME_BYTES, "big") + key.sign(cosigned(text, at))
    return Signature(name, Verifier(name, key.public, COSIGNATURE).key_id, signed)


def cosigned(text: str, at: int) -> bytes:
    """Return what a witness signs."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def write_note(text: str, signatures: Iterable[Signature]) -> str:
    """Write a note; raises ``Malformed`` where it would not be read as the same."""
    written = f"{text}\n" + "".join(each.line for each in signatures)
    if read_note(written).text != text:
        raise Malformed
    return written


def read_note(note: str) -> Note:
    """Read a note; raises ``Malformed``. No signature is checked."""
    text, apart, lines = note.rpartition("\n\n")
    found = [LINE.fullmatch(line) for line in lines.split("\n")[:-1]]
    if not apart or not lines.endswith("\n") or CONTROL.search(note) or len(found) > MOST_SIGNATURES:
        raise Malformed
    return Note(f"{text}\n", tuple(map(_signature, found)))


def base64_of(text: str) -> bytes:
    """Read base64 that is written in the one way it is written; raises ``Malformed``."""
    try:
        found = b64decode(text, validate=True)
    except ValueError:
        raise Malformed from None
    # Bits that no byte holds may be written either way, and would be another note of the same signature.
    if b64encode(found).decode() != text:
        raise Malformed
    return found


def _signature(line: re.Match[str] | None) -> Signature:
    signed = base64_of(line[2]) if line else b""
    if line is None or len(signed) <= ID_BYTES:
        raise Malformed
    return Signature(line[1], signed[:ID_BYTES], signed[ID_BYTES:])
