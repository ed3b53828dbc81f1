"""Load the demo's complaints and officers' texts from the TOML files, and say which text belongs to whom."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
Entry = dict[str, Any]

# What of a complaint's entry is no answer of the form.
NOT_ANSWERS = {"hostile", "course", "answer", "objection", "message", "withdrawal"}


def _read(name: str) -> dict[str, Any]:
    """Return the parsed TOML file ``name`` that lies beside this module."""
    with (HERE / name).open("rb") as file:
        return tomllib.load(file)


def load_complaints() -> list[Entry]:
    """Return the complaints in file order, with ``repeat`` applied.

    The key ``repeat`` is gone afterwards, and ``hostile`` is always there.
    """
    complaints: list[Entry] = []
    for entry in _read("complaints.toml")["complaint"]:
        complaint = dict(entry)
        complaint["text"] *= complaint.pop("repeat", 1)
        complaint.setdefault("hostile", False)
        complaints.append(complaint)
    return complaints


def load_dialogue() -> dict[str, list[Entry]]:
    """Return the officers' texts, one list for each kind.

    Each kind but ``note`` and ``send_back`` is as long as the list of complaints it goes with (``GOES_WITH``), in
    their order.
    """
    dialogue: dict[str, list[Entry]] = _read("dialogue.toml")
    return dialogue


def _has(key: str) -> Callable[[Entry], bool]:
    return lambda complaint: key in complaint


def _takes(*courses: str) -> Callable[[Entry], bool]:
    return lambda complaint: complaint["course"] in courses


GOES_WITH: Mapping[str, Callable[[Entry], bool]] = {
    "question": _has("answer"),
    "plan": _has("answer"),
    "reason": _has("answer"),
    "reporter_text": _has("answer"),
    "objection_decision": _has("objection"),
    "first_plan": _takes("under_investigation", "extended", "asked_again", "stepped_aside"),
    "open_question": _takes("asked", "asked_again"),
    "reply": _takes("conversation"),
    "ending": _takes("rejected", "duplicate", "withdrawn", "returned"),
    "recusal": _takes("changed_hands", "stepped_aside"),
    "extension": _takes("extended"),
    "reopening": _takes("reopened"),
    "second_look": _takes("upheld_and_closed"),
    "referral": _takes("referred", "agency_answered", "agency_returned"),
    "agency_answer": _takes("agency_answered"),
    "agency_refusal": _takes("agency_returned"),
    "hold": _takes("held"),
}
# These fit everywhere.
ANYBODYS = ("note", "send_back")


@dataclass(frozen=True)
class Story:
    """One complaint and what becomes of it.

    ``answers`` are posted, ``own`` is what its reporter writes later, by kind, ``said`` what officers write, by kind.
    """

    answers: Mapping[str, str]
    course: str
    own: Mapping[str, str]
    said: dict[str, Entry] = field(default_factory=dict)


def load_stories() -> list[Story]:
    """Return the two hundred stories, each with the texts that belong to it."""
    complaints, dialogue = load_complaints(), load_dialogue()
    stories = [_story(complaint) for complaint in complaints]
    for kind, goes_with in GOES_WITH.items():
        chosen = [story for story, complaint in zip(stories, complaints, strict=True) if goes_with(complaint)]
        for story, entry in zip(chosen, dialogue[kind], strict=True):
            story.said[kind] = entry
    for kind in ANYBODYS:
        for story, entry in zip(stories, cycle(dialogue[kind])):
            story.said[kind] = entry
    return stories


def _story(complaint: Entry) -> Story:
    answers = {key: value for key, value in complaint.items() if key not in NOT_ANSWERS}
    own = {key: value for key, value in complaint.items() if key in NOT_ANSWERS - {"hostile", "course"}}
    return Story(answers, complaint["course"], own)
