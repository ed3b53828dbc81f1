"""Load the demo's complaints and officers' texts from the TOML files."""

import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def _read(name: str) -> dict[str, Any]:
    """Return the parsed TOML file ``name`` that lies beside this module."""
    with (HERE / name).open("rb") as file:
        return tomllib.load(file)


def load_complaints() -> list[dict[str, Any]]:
    """Return the complaints in file order, with ``repeat`` applied.

    The key ``repeat`` is gone afterwards, and ``hostile`` is always there.
    """
    complaints: list[dict[str, Any]] = []
    for entry in _read("complaints.toml")["complaint"]:
        complaint = dict(entry)
        complaint["text"] *= complaint.pop("repeat", 1)
        complaint.setdefault("hostile", False)
        complaints.append(complaint)
    return complaints


def load_dialogue() -> dict[str, list[dict[str, Any]]]:
    """Return the officers' texts, one list for each kind.

    Kinds: ``question``, ``plan``, ``reason``, ``reporter_text``,
    ``objection_decision``, ``note`` and ``send_back``. The first four are as
    long as the list of complaints with an ``answer`` and go with it in order;
    ``objection_decision`` goes with the complaints with an ``objection``.
    """
    dialogue: dict[str, list[dict[str, Any]]] = _read("dialogue.toml")
    return dialogue
