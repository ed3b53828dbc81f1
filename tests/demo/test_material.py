"""The demo's material is what it claims to be: varied, hostile, invented."""

import re
import statistics
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from kernel.province import Province
from tests.demo.elsewhere import likes
from tests.places import JAWA_TENGAH, RUMBIA

from .material import load_complaints, load_dialogue, load_stories

SECTORS = {
    "pendidikan",
    "desa",
    "bansos",
    "pertanahan",
    "samsat",
    "lalulintas",
    "dukcapil",
    "kesehatan",
    "perizinan",
    "kepegawaian",
    "perhubungan",
    "pelabuhan",
    "parkir_pasar",
    "lapas",
    "penegakan_hukum",
    "pajak_daerah",
    "kua",
    "lainnya",
}
LEVELS = {
    "desa",
    "kecamatan",
    "kabkota",
    "pimpinan_kabkota",
    "provinsi",
    "pimpinan_provinsi",
    "vertikal",
    "tidak_tahu",
}
OUTCOMES = {"proven", "partly_proven", "not_proven", "cannot_be_processed"}
ENDINGS = {"cannot_be_processed", "duplicate", "withdrawn"}
FINDINGS = {"proven", "partly_proven", "not_proven"}
REQUIRED = {"text", "region", "place", "sector", "level", "hostile", "course"}
CHOICES = {"receipt", "threatened", "ongoing"}
FREE = {
    "office",
    "role",
    "when",
    "times",
    "asked",
    "paid",
    "method",
    "excluded",
    "answer",
    "objection",
    "message",
    "withdrawal",
}
INTRODUCTION = re.compile(
    r"[Nn]ama (?:saya|sy) [A-Z]|(?:[Ss]aya|[Kk]ulo) warga"
    r"|[Ss]aya [A-Z]\w+ [A-Z]\w+"
)
SHINGLE = 8
LONGEST = 50_000

COMPLAINTS = load_complaints()
DIALOGUE = load_dialogue()
ORDINARY = [c for c in COMPLAINTS if not c["hostile"]]
HOSTILE = [c for c in COMPLAINTS if c["hostile"]]


def shingles(text: str) -> set[tuple[str, ...]]:
    """Return every run of eight consecutive words, case-folded."""
    words = re.findall(r"\w+", text.casefold())
    return {
        tuple(words[start : start + SHINGLE])
        for start in range(len(words) - SHINGLE + 1)
    }


def texts() -> Iterator[tuple[str, str]]:
    """Yield a name and the words of every text of both files."""
    for number, complaint in enumerate(COMPLAINTS, 1):
        for key in complaint.keys() & {"text", "answer", "objection", "message", "withdrawal"}:
            yield f"complaint {number} {key}", complaint[key]
    for kind, entries in DIALOGUE.items():
        for number, entry in enumerate(entries, 1):
            for text in dialogue_texts(entry):
                yield f"{kind} {number}", text


def dialogue_texts(entry: dict[str, Any]) -> list[str]:
    """Return every text of one entry of the dialogue."""
    inner = [entry["reason"]] if "reason" in entry else []
    return [entry["text"], *inner, *entry.get("allegations", [])]


def with_key(key: str) -> list[dict[str, Any]]:
    """Return the complaints that have ``key``, in order."""
    return [complaint for complaint in COMPLAINTS if key in complaint]


def test_two_hundred_complaints() -> None:
    """There are two hundred."""
    assert len(COMPLAINTS) == 200


@pytest.mark.parametrize("complaint", COMPLAINTS)
def test_keys_and_codes(complaint: dict[str, Any]) -> None:
    """Keys, regions, sectors, levels and choices are the agreed ones."""
    assert set(complaint) >= REQUIRED
    assert set(complaint) <= REQUIRED | CHOICES | FREE
    assert re.fullmatch(r"33\.\d\d", complaint["region"])
    assert complaint["sector"] in SECTORS
    assert complaint["level"] in LEVELS
    for key in CHOICES & set(complaint):
        assert complaint[key] in {"ya", "tidak", "tidak_tahu"}
    for key in FREE & set(complaint) | {"text", "place"}:
        assert complaint[key].strip(), key


def test_no_two_texts_share_eight_words() -> None:
    """Nothing is copied from one text into another."""
    owner: dict[tuple[str, ...], str] = {}
    shared = []
    for name, text in texts():
        for shingle in shingles(text):
            first = owner.setdefault(shingle, name)
            if first != name:
                shared.append((first, name, " ".join(shingle)))
    assert shared == []


def test_shingles_find_a_copy() -> None:
    """The comparison above would see a copy in other letters."""
    copied = "dan " + COMPLAINTS[0]["text"].upper()
    assert shingles(copied) & shingles(COMPLAINTS[0]["text"])


def test_lengths() -> None:
    """Ordinary texts are as long as villagers' texts are."""
    lengths = [len(complaint["text"]) for complaint in ORDINARY]
    tenths = statistics.quantiles(lengths, n=10, method="inclusive")
    assert 380 <= statistics.median(lengths) <= 550
    assert 800 <= tenths[-1] <= 1100
    assert min(lengths) <= 100
    assert 2_000 <= max(lengths) <= 2_500


def test_sectors() -> None:
    """Schools come first, the village next, and every sector appears."""
    count = Counter(complaint["sector"] for complaint in COMPLAINTS)
    village = count["desa"] + count["bansos"]
    road = count["samsat"] + count["lalulintas"]
    assert set(count) == SECTORS
    assert count.most_common(1)[0][0] == "pendidikan"
    assert count["pendidikan"] > village > road > count["parkir_pasar"]
    assert count["parkir_pasar"] >= count["kepegawaian"]
    assert count["kepegawaian"] >= count["pertanahan"] >= count["dukcapil"]


def test_regions() -> None:
    """All 35 appear; nearly half lie where the demo has people."""
    count = Counter(complaint["region"] for complaint in COMPLAINTS)
    assert len(count) == 35
    assert 80 <= count["33.08"] + count["33.74"] <= 120


def test_levels() -> None:
    """Every level appears, also those above a regional inspectorate."""
    assert {complaint["level"] for complaint in COMPLAINTS} == LEVELS


def test_some_introduce_themselves() -> None:
    """About one in six says who is writing."""
    found = [c for c in COMPLAINTS if INTRODUCTION.search(c["text"])]
    assert 27 <= len(found) <= 47


def test_numbers_belong_to_nobody() -> None:
    """A run of ten digits or more is one that no one can have."""
    for name, text in texts():
        for number in re.findall(r"\d(?:[ .-]?\d){9,}", text):
            assert "00000000" in re.sub(r"\D", "", number), name


@pytest.mark.parametrize(
    "sample",
    [
        pytest.param("\0", id="nul"),
        pytest.param("\u202e", id="rtl-override"),
        pytest.param("\U0001f621", id="emoji"),
        pytest.param("\u200d", id="zwj"),
        pytest.param("\u0301", id="combining"),
        pytest.param("<script", id="script"),
        pytest.param("' OR", id="sql-or"),
        pytest.param("DROP TABLE", id="sql-drop"),
        pytest.param("{{7*7}}", id="template"),
        pytest.param("../../", id="traversal"),
    ],
)
def test_hostile_samples(sample: str) -> None:
    """Each of these stands in a hostile text and in no ordinary one."""
    assert any(sample in complaint["text"] for complaint in HOSTILE)
    assert not any(sample in complaint["text"] for complaint in ORDINARY)


def test_hostile_shapes() -> None:
    """There are a dozen or so, one of 50,000 characters, one padded."""
    assert 12 <= len(HOSTILE) <= 15
    lengths = [len(complaint["text"]) for complaint in HOSTILE]
    assert lengths.count(LONGEST) == 1
    padded = [c["text"] for c in HOSTILE if c["text"][0].isspace()]
    assert any(text[-1].isspace() for text in padded)


def test_dialogue_counts() -> None:
    """Each kind has its number, and all texts differ."""
    assert {kind: len(entries) for kind, entries in DIALOGUE.items()} == {
        "question": 21,
        "plan": 21,
        "reason": 21,
        "reporter_text": 21,
        "objection_decision": 6,
        "note": 10,
        "send_back": 5,
        "first_plan": 12,
        "open_question": 12,
        "reply": 4,
        "ending": 15,
        "recusal": 2,
        "extension": 2,
        "reopening": 1,
        "second_look": 1,
        "referral": 11,
        "agency_answer": 4,
        "agency_refusal": 2,
        "hold": 3,
    }
    every = [e["text"] for entries in DIALOGUE.values() for e in entries]
    assert len(set(every)) == len(every)


def test_dialogue_follows_the_complaints() -> None:
    """What belongs together agrees on sector, outcome and allegations."""
    answered = with_key("answer")
    assert len(with_key("objection")) == len(DIALOGUE["objection_decision"])
    assert all("answer" in c for c in with_key("objection"))
    for complaint, question, plan, reason, told in zip(
        answered,
        DIALOGUE["question"],
        DIALOGUE["plan"],
        DIALOGUE["reason"],
        DIALOGUE["reporter_text"],
        strict=True,
    ):
        sectors = {e["sector"] for e in (question, plan, reason, told)}
        assert sectors == {complaint["sector"]}
        assert reason["outcome"] == told["outcome"]
        assert reason["outcome"] in OUTCOMES
        assert 1 <= len(plan["allegations"]) <= 3
        assert len(reason["findings"]) == len(plan["allegations"])
        assert set(reason["findings"]) <= FINDINGS


def test_objection_decisions_go_somewhere() -> None:
    """Each names the state that follows, and both states occur."""
    states = {entry["to"] for entry in DIALOGUE["objection_decision"]}
    assert states == {"INVESTIGATION", "REVIEW"}


def test_endings_without_an_investigation_find_nothing() -> None:
    """They end in one of the ways that need no finding, and each of these occurs."""
    assert {entry["outcome"] for entry in DIALOGUE["ending"]} == ENDINGS


@pytest.mark.parametrize(
    "entry", [entry for kind in ("reporter_text", "ending", "second_look", "agency_answer") for entry in DIALOGUE[kind]]
)
def test_reporter_texts_are_careful(entry: dict[str, Any]) -> None:
    """They say "diduga", speak to Anda or of us, and name nobody."""
    text = entry["text"]
    assert "diduga" in text
    assert re.search(r"\b(?:Anda|kami)\b", text)
    assert not re.search(r"\b(?:Pak|Bu|Bapak|Ibu|Sdr\.?) [A-Z][a-z]", text)


def test_at_home_a_story_is_told_as_it_was_written() -> None:
    home = JAWA_TENGAH.province
    assert list(map(likes(home, home).moved, load_stories())) == load_stories()


def test_elsewhere_a_story_keeps_its_words_and_happens_where_there_is_the_like() -> None:
    home, other = JAWA_TENGAH.province, RUMBIA.province
    for story, moved in zip(load_stories(), map(likes(home, other).moved, load_stories()), strict=True):
        was, now = story.answers, moved.answers
        assert {**now, "region": was["region"], "sector": was["sector"]} == was
        assert other.sectors[now["sector"]].floor is home.sectors[was["sector"]].floor
        assert bool(people_for(other, now["region"])) == bool(people_for(home, was["region"]))
        assert moved.said.get("referral", {}).get("agency", "syahbandar") in other.agencies
        assert {kind: entry["text"] for kind, entry in moved.said.items() if "text" in entry} == {
            kind: entry["text"] for kind, entry in story.said.items() if "text" in entry
        }


def people_for(province: Province, region: str) -> list[str]:
    """Return the desks of a region that have people in a demo."""
    return [desk for desk in province.desks_of(region) if desk in province.demo_desks]
