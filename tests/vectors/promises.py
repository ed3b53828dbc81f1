"""Vectors of promises: their form, to the letter."""

from datetime import date
from typing import Any

from kernel.vault import Malformed, SigningKey
from ledger.promises import Promise, read_promise, write_promise
from tests.vectors.inputs import drawn

KEY = SigningKey.from_seed(drawn("a promise key"))
ENTRY = drawn("a tag") + drawn("a commitment")


def promises() -> list[dict[str, Any]]:
    """Promises, and texts that are none."""
    good = write_promise(Promise(ENTRY, date(2026, 11, 28)), KEY)
    cases = {
        "a promise": good,
        "of a leap day": write_promise(Promise(ENTRY, date(2028, 2, 29)), KEY),
        "nothing": "", "no end": good[:-1], "a line more": f"{good}more 1\n", "a line less": good.partition("\n")[2],
        "another type": good.replace("promise\n", "event\n", 1), "a day that is none": good.replace("11-28", "11-31"),
        "a day and an hour": good.replace("11-28", "11-28T00"), "half an entry": good.replace(ENTRY.hex()[:64], ""),
        "an entry in capitals": good.replace(ENTRY.hex(), ENTRY.hex().upper()),
        "two spaces": good.replace("until ", "until  "),
        "no signature": good[: good.index("signature")] + "signature -\n",
        "line feeds of another kind": good.replace("\n", "\r\n"),
    }  # fmt: skip
    return [{"name": name, "body": body, "promise": _read(body)} for name, body in cases.items()]


def _read(body: str) -> dict[str, str] | None:
    try:
        found = read_promise(body)
    except Malformed:
        return None
    return {"entry": found.entry.hex(), "until": found.until.isoformat()}
