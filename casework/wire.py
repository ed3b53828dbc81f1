"""What officers' browsers post about accounts and keys, taken apart strictly (binary values are base64)."""

from __future__ import annotations

import base64
from typing import Any

from casework.account_forms import account_name
from casework.accounts import AUTH_BYTES, ID_BYTES, SEED_BOX_BYTES, TOKEN_BYTES, Activation, Attempt, NewPassword
from casework.rotation import BATCH, Resealed
from casework.vouching import DeskKey, DeskKeyCopy, Vouching
from complaints.envelopes import (
    KEM_BYTES, LONGEST_BODY, SEALED_KEY_BYTES, Malformed, read_bytes, read_hex, read_list, read_members, read_text,
)  # fmt: skip
from kernel.directory.models import SealedKey

SIGN_BYTES = 32
LONGEST_TYPED = 200
MOST_COPIES = 60


def base64_of(content: bytes) -> str:
    """Write ``content`` as JSON carries it."""
    return base64.b64encode(content).decode("ascii")


def optional_base64(content: bytes | None) -> str | None:
    """Write ``content`` as JSON carries it; nothing stays nothing."""
    return None if content is None else base64_of(content)


def read_salt_question(data: Any) -> str:
    """Return the account's name whose salt is asked for; empty where no account can have it."""
    return account_name(_typed(read_members(data, {"name"})["name"]))


def read_attempt(data: Any, browser: str | None) -> Attempt:
    """Read what is posted to log in; raises ``Malformed``."""
    members = read_members(data, {"name", "auth", "totp"})
    name, code = account_name(_typed(members["name"])), _code(members["totp"])
    return Attempt(name, read_bytes(members["auth"], AUTH_BYTES), code, browser)


def read_password(data: Any) -> bytes:
    """Return the auth token that unlocks; raises ``Malformed``."""
    return read_bytes(read_members(data, {"auth"})["auth"], AUTH_BYTES)


def read_new_password(data: Any) -> NewPassword:
    """Read what an officer's browser has made of a new password; raises ``Malformed``."""
    members = read_members(data, {"old", "auth", "seedBox"})
    old, auth = (read_bytes(members[name], AUTH_BYTES) for name in ("old", "auth"))
    return NewPassword(old, auth, _optional(members["seedBox"], SEED_BOX_BYTES))


def read_invitation(data: Any) -> bytes:
    """Return an invitation's token; raises ``Malformed``."""
    return read_hex(read_members(data, {"token"})["token"], TOKEN_BYTES)


def read_activation(data: Any) -> Activation:
    """Read what an invited officer's browser has made; raises ``Malformed``."""
    members = read_members(data, {"token", "auth", "totp", "kem", "sign", "seedBox"})
    return Activation(
        token=read_hex(members["token"], TOKEN_BYTES),
        auth=read_bytes(members["auth"], AUTH_BYTES),
        code=_code(members["totp"]),
        kem=_optional(members["kem"], KEM_BYTES),
        sign=_optional(members["sign"], SIGN_BYTES),
        seed_box=_optional(members["seedBox"], SEED_BOX_BYTES),
    )


def read_vouching(data: Any) -> Vouching:
    """Read a signed statement about an officer, with the copies that go to him; raises ``Malformed``."""
    members = read_members(data, {"body", "copies"})
    return Vouching(read_text(members["body"], LONGEST_BODY), _copies(members["copies"]))


def read_statement(data: Any) -> str:
    """Read a signed statement; raises ``Malformed``."""
    return read_text(read_members(data, {"body"})["body"], LONGEST_BODY)


def read_officer(data: Any) -> str:
    """Return the id of the officer who is meant; raises ``Malformed``."""
    return read_hex(read_members(data, {"officer"})["officer"], ID_BYTES).hex()


def read_desk_key(data: Any) -> DeskKey:
    """Read a desk's new key; raises ``Malformed``."""
    members = read_members(data, {"body", "kem", "copies"})
    return DeskKey(
        read_text(members["body"], LONGEST_BODY), read_bytes(members["kem"], KEM_BYTES), _copies(members["copies"])
    )


def read_resealed(data: Any) -> list[Resealed]:
    """Read keys sealed anew; an empty one says that the old copy did not open. Raises ``Malformed``."""
    return [_resealed(entry) for entry in read_list(read_members(data, {"copies"})["copies"], BATCH)]


def _resealed(data: Any) -> Resealed:
    members = read_members(data, {"body", "sealed"})
    sealed = b"" if members["sealed"] == "" else read_bytes(members["sealed"], SEALED_KEY_BYTES)
    return Resealed(read_text(members["body"], LONGEST_BODY), sealed)


def written_copy(copy: DeskKeyCopy) -> dict[str, Any]:
    """Write a sealed desk key as JSON carries it."""
    return {"desk": copy.desk, "epoch": copy.epoch, "recipient": copy.recipient, "sealed": base64_of(copy.sealed)}


def written_sealed(copy: SealedKey) -> dict[str, Any]:
    """Write any sealed key as JSON carries it."""
    named = {"kind": copy.kind, "object": copy.object, "epoch": copy.epoch, "recipient": copy.recipient}
    return named | {"sealed": base64_of(copy.sealed)}


def _copies(value: Any) -> list[DeskKeyCopy]:
    return [_copy(entry) for entry in read_list(value, MOST_COPIES)]


def _copy(data: Any) -> DeskKeyCopy:
    members = read_members(data, {"desk", "epoch", "recipient", "sealed"})
    epoch = members["epoch"]
    if not isinstance(epoch, int) or isinstance(epoch, bool) or not 1 <= epoch < 2**31:
        raise Malformed
    return DeskKeyCopy(
        read_text(members["desk"], 32), epoch, read_text(members["recipient"], 80),
        read_bytes(members["sealed"], SEALED_KEY_BYTES),
    )  # fmt: skip


def _typed(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TYPED:
        raise Malformed
    return value


def _code(value: Any) -> str:
    """Return the digits of a code as people type them, in groups perhaps."""
    return "".join(_typed(value).split())


def _optional(value: Any, size: int) -> bytes | None:
    return None if value is None else read_bytes(value, size)
