"""Evidence on the officers' side: added, handed out on record, read again; nothing is proposed once it is damaged."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from casework.checking import Check
from casework.models import AccessEvent
from complaints.rules import MOST_TOGETHER
from kernel.database import db
from kernel.store_errors import StoreFailed
from kernel.vault import bodies, open_file, open_file_key, open_manifest
from tests import client
from tests.casework.test_acts import investigated, refused, taken, visit
from tests.client import Refused, Sealing
from tests.complaints.test_api import said
from tests.complaints.test_files import SMALL, TWO_CHUNKS, objects, objects_of
from tests.officer import EXAMINE, PROVENANCE, OpenedCase, Text, act, compose, seal_evidence, send_evidence
from tests.province import HOST, Province
from tests.remains import change, row_counts

FOUND = [Text("reason", "Dua saksi."), Text("decision", "Tidak dapat diproses.")]
ENDS = {"outcome": "cannot_be_processed"}
NINE_CHUNKS = bytes(range(256)) * (4096 * MOST_TOGETHER + 1)
OCTETS = {"Accept": "application/octet-stream", "Sec-Fetch-Mode": "cors"}


def messaged(province: Province, phrase: str, *contents: bytes) -> list[Sealing]:
    """Have a reporter send files."""
    visitor, seen = province.visitor(), visit(province, phrase)
    files = [client.send_file(seen, content, visitor.ask, visitor.put) for content in contents]
    client.act(seen, "message", "", visitor.ask, files=files)
    return files


def bukti(case: OpenedCase, *parts: object) -> str:
    return "/".join(["/petugas/perkara", case.number, "bukti", *map(str, parts)])


def chunk_of(province: Province, case: OpenedCase, file: Sealing, number: int, role: str = "lead") -> Any:
    return province.browser_of(role).get(bukti(case, file.id, f"{number}-{number}"), headers=OCTETS)


def test_officers_add_evidence_and_open_the_reporters_and_their_own(province: Province) -> None:
    phrase, _complaint, number, _allegation = investigated(province)
    [theirs] = messaged(province, phrase, TWO_CHUNKS)
    case = province.opened(number, "investigator")
    ours = send_evidence(case, SMALL, province.browser_of("investigator").put)
    act(case, "evidence", "INVESTIGATION", files=[ours])
    case = province.opened(number, "lead")
    told = {file["id"]: file for file in case.told["files"]}
    assert [(each["side"], each["seq"]) for each in told.values()] == [("thread", 4), ("case", 5)]
    for file, content in ((theirs, TWO_CHUNKS), (ours, SMALL)):
        each = told[file.id]
        key = case.keys[each["side"], each["epoch"]]
        opened = open_file_key(
            base64.b64decode(each["key"]), key, case.told["case"], file.id, each["epoch"], each["side"]
        )
        manifest = open_manifest(base64.b64decode(each["manifest"]), opened)
        assert list(manifest.chunks) == each["digests"]
        assert manifest.description == (PROVENANCE["description"] if file is ours else None)
        assert chunk_of(province, case, file, 1).status_code == 403
        [status, answer] = province.browser_of("lead").ask(bukti(case, file.id, "buka"), EXAMINE)
        assert (status, len(answer["access"])) == (200, 64)
        chunks = [chunk_of(province, case, file, at).data for at in range(1, each["chunks"] + 1)]
        assert b"".join(open_file(chunks, opened, manifest.size)) == content
    # Who else reads the case has not opened the file.
    assert chunk_of(province, case, theirs, 1, "investigator").status_code == 403
    page = province.browser_of("lead").get(f"/petugas/perkara/{number}").text
    assert [page.count(f'data-file="file:{file.id[:16]}"') for file in (theirs, ours)] == [1, 1]


def test_an_opening_is_on_record_before_a_chunk_is_handed_out(province: Province) -> None:
    phrase, complaint, number = taken(province)
    [file] = messaged(province, phrase, SMALL)
    case, lead = province.opened(number, "lead"), province.browser_of("lead")
    for missing in ("0" * 32, "x", "é"):
        assert said(lead.ask(bukti(case, missing, "buka"), EXAMINE)) == 404
    for at in (0, 2, 10**30):
        assert lead.ask(bukti(case, file.id, "buka"), EXAMINE)[0] == 200
        answer = chunk_of(province, case, file, at)
        assert (answer.status_code, answer.mimetype) == (404, "application/json")
    assert "Membuka bukti B-1" in province.overseer().get(f"/petugas/perkara/{number}").text
    assert "Membuka bukti" in province.overseer().get("/petugas/pembacaan").text
    assert readings(province, complaint)[-3:] == [f"file:{file.id[:16]}"] * 3


def test_several_chunks_are_handed_out_in_one_answer_as_far_as_they_can_be_read(province: Province) -> None:
    phrase, _complaint, number = taken(province)
    [file] = messaged(province, phrase, NINE_CHUNKS)
    case, lead = province.opened(number, "lead"), province.browser_of("lead")

    def chunks(first: int, last: int) -> tuple[int, bytes]:
        answer = lead.get(bukti(case, file.id, f"{first}-{last}"), headers=OCTETS)
        return answer.status_code, answer.data

    assert chunks(2, 4)[0] == 403
    assert lead.ask(bukti(case, file.id, "buka"), EXAMINE)[0] == 200
    assert chunks(2, 5) == (200, b"".join(file.chunks[1:5]))
    for first, last in ((1, MOST_TOGETHER + 1), (8, 10), (0, 2), (3, 2), (1, 10**30), (10**30, 10**30 + 1)):
        assert chunks(first, last)[0] == 404
    with province.app.app_context():
        keys = objects_of(file.id)
        db.session.remove()
    content = store(province).read(keys[2])
    store(province).forget(keys[2])
    try:
        # The lost one alone is asked for, and told of.
        assert chunks(1, 4) == (200, b"".join(file.chunks[:2]))
        assert chunks(3, 4)[0] == 503 and chunks(4, 5) == (200, b"".join(file.chunks[3:5]))
    finally:
        store(province).keep(keys[2], content)
    without_guards(province, "file_chunks", "DELETE FROM file_chunks WHERE file_id = :id AND number = 3", id=file.id)
    assert chunks(1, 4) == (200, b"".join(file.chunks[:2])) and chunks(3, 4)[0] == 404


def readings(province: Province, complaint: str) -> list[str]:
    """Return what has been handed over of a case, in order."""
    with province.app.app_context():
        query = select(AccessEvent.what).where(AccessEvent.case_id == complaint).order_by(AccessEvent.seq)
        found = list(db.session.scalars(query))
        db.session.remove()
    return found


def test_whoever_holds_no_key_begins_opens_and_checks_nothing(province: Province) -> None:
    phrase, _complaint, number = taken(province)
    [file] = messaged(province, phrase, SMALL)
    case = province.opened(number, "lead")
    posted = seal_evidence(case, SMALL).opening
    browsers = {role: province.browser_of(role) for role in ("investigator", "reviewer")}
    before, status = row_counts(province.app), 404
    for role, browser in browsers.items():
        for path, json in (("", posted), (f"/{file.id}/buka", EXAMINE), ("/periksa", {}), (f"/{file.id}/hapus", {})):
            assert said(browser.ask(bukti(case) + path, json)) == status
        assert said(browser.put(bukti(case, file.id, 1), file.chunks[0])) == status
        assert chunk_of(province, case, file, 1, role).status_code == status
    assert said(province.browser_of("lead").ask(bukti(case, file.id, "hapus"), {})) == 404
    assert row_counts(province.app) == before


def test_a_lead_who_has_recused_himself_is_given_nothing_more(province: Province) -> None:
    phrase, _complaint, number, _allegation = investigated(province)
    [file] = messaged(province, phrase, SMALL)
    case = province.opened(number, "lead")
    assert province.browser_of("lead").ask(bukti(case, file.id, "buka"), EXAMINE)[0] == 200
    assert chunk_of(province, case, file, 1).status_code == 200
    act(case, "recuse", "INVESTIGATION", [Text("reason", "Kerabat.")])
    assert chunk_of(province, case, file, 1).status_code == 403
    assert said(province.browser_of("lead").ask(bukti(case, file.id, "buka"), EXAMINE)) == 403
    assert said(province.browser_of("lead").ask(bukti(case, "periksa"), {})) == 403
    assert said(province.browser_of("lead").ask(bukti(case), seal_evidence(case, SMALL).opening)) == 403


def test_what_is_brought_after_an_officer_has_left_is_boxed_under_a_key_he_does_not_hold(province: Province) -> None:
    phrase, _complaint, number, _allegation = investigated(province)
    visitor = province.visitor()
    theirs = client.send_file(visit(province, phrase), SMALL, visitor.ask, visitor.put)
    case, put = province.opened(number, "lead"), province.browser_of("lead").put
    ours = send_evidence(case, SMALL, put)
    act(province.opened(number, "investigator"), "recuse", "INVESTIGATION", [Text("reason", "Kerabat.")])
    # Until the keys are renewed an officer brings nothing, and begins nothing.
    case = province.opened(number, "lead")
    with pytest.raises(Refused) as refusal:
        act(case, "evidence", "INVESTIGATION", files=[ours])
    assert refusal.value.status == 403
    assert said(case.login.ask(bukti(case), seal_evidence(case, SMALL).opening)) == 403
    act(case, "note", "INVESTIGATION", [Text("note", "Penyelidik mengundurkan diri.")])
    case, seen = province.opened(number, "lead"), visit(province, phrase)
    with pytest.raises(Refused) as refusal:
        act(case, "evidence", "INVESTIGATION", files=[ours])
    assert refusal.value.status == 409
    with pytest.raises(Refused) as refusal:
        client.act(seen, "message", "", visitor.ask, files=[theirs])
    assert refusal.value.status == 409
    # Nothing is sent anew for that: only the file's key is boxed again, under the newest epoch and no other.
    renewed = client.boxed_again(theirs, seen.thread_key(2), 2, "thread")
    ask = {"token": seen.keys.lookup_token.hex()}
    assert visitor.ask("/api/v1/files", {**ask, **renewed.opening}) == (201, {"have": [1]})
    assert said(visitor.ask("/api/v1/files", {**ask, **theirs.opening})) == 409
    client.act(seen, "message", "", visitor.ask, files=[renewed])
    again = client.boxed_again(ours, case.keys["case", 2], 2, "case")
    assert case.login.ask(bukti(case), again.opening) == (201, {"have": [1]})
    case = province.opened(number, "lead")
    act(case, "evidence", "INVESTIGATION", files=[again])
    assert [file["epoch"] for file in province.opened(number, "lead").told["files"]] == [2, 2]
    for file in (theirs, ours):
        assert said(province.browser_of("investigator").ask(bukti(case, file.id, "buka"), EXAMINE)) in {403, 404}


def test_evidence_brings_its_officers_own_whole_files_alone(province: Province) -> None:
    phrase, _complaint, number, _allegation = investigated(province)
    visitor = province.visitor()
    thread = client.send_file(visit(province, phrase), SMALL, visitor.ask, visitor.put)
    case = province.opened(number, "investigator")
    mine = send_evidence(case, SMALL, province.browser_of("investigator").put)
    half = seal_evidence(case, TWO_CHUNKS)
    assert case.login.ask(bukti(case), half.opening) == (201, {"have": []})
    leads = send_evidence(province.opened(number, "lead"), SMALL, province.browser_of("lead").put)
    for files, status in (([], 422), ([thread], 404), ([leads], 404), ([half], 409), ([mine] * 2, 400)):
        with pytest.raises(Refused) as refusal:
            act(case, "evidence", "INVESTIGATION", files=files)
        assert refusal.value.status == status
    with pytest.raises(Refused) as refusal:
        act(case, "note", "INVESTIGATION", [Text("note", "Catatan.")], files=[mine])
    assert refusal.value.status == 422
    assert said(case.login.ask(bukti(case, leads.id, "hapus"), {})) == 404
    assert case.login.ask(bukti(case, half.id, "hapus"), {}) == (200, {})
    assert [file["id"] for file in province.opened(number, "investigator").told["files"]] == [mine.id]
    act(case, "evidence", "INVESTIGATION", files=[mine])
    assert said(case.login.ask(bukti(case, mine.id, "hapus"), {})) == 409


def test_what_an_officer_takes_away_is_gone_from_the_store_too(province: Province) -> None:
    _phrase, _complaint, number, _allegation = investigated(province)
    case, before = province.opened(number, "investigator"), objects(province)
    file = send_evidence(case, TWO_CHUNKS, province.browser_of("investigator").put)
    assert len(objects(province) - before) == 2
    assert case.login.ask(bukti(case, file.id, "hapus"), {}) == (200, {}) and objects(province) == before


def test_what_is_handed_out_or_over_is_an_event_of_the_case(province: Province) -> None:
    phrase, complaint, number = taken(province)
    case = province.opened(number, "lead")

    def reason() -> list[Text]:
        return [Text("reason", "Untuk ahli.")]

    assert refused(case, "export", "TRIAGE", reason(), {"files": "0" * 32}).status == 403
    one, two = messaged(province, phrase, SMALL, SMALL)
    assert refused(case, "export", "TRIAGE", reason(), {"files": f"{two.id}+{one.id}"}).status == 422
    act(case, "export", "TRIAGE", reason(), {"files": f"{one.id}+{two.id}"})
    act(case, "transfer", "TRIAGE", reason(), {"files": two.id})
    shown = province.browser_of("lead").get(f"/petugas/perkara/{number}").text
    assert "Bukti diekspor" in shown and "<span>B-1</span>, <span>B-2</span>" in shown and "Bukti diserahkan" in shown
    assert readings(province, complaint)[-2:] == ["open", "export"]


def checked_on(province: Province, case: OpenedCase, mark: str = "") -> tuple[int, Any]:
    """Have a case's evidence read again, from the beginning or from where ``mark`` says."""
    return province.browser_of("lead").ask(bukti(case, "periksa"), {"mark": mark} if mark else {})


def checked(province: Province, case: OpenedCase) -> tuple[int, int, list[str]]:
    """Return how many files were read again at once, how many there are, and what is wrong."""
    status, told = checked_on(province, case)
    assert status == 200
    return told["checked"], told["of"], told["wrong"]


@pytest.fixture
def damaged(province: Province) -> tuple[OpenedCase, Sealing, list[str]]:
    """A case of three files, of which the second has two chunks, whose objects it names."""
    phrase, _complaint, number = taken(province)
    files = messaged(province, phrase, SMALL, TWO_CHUNKS, SMALL)
    case = province.opened(number, "lead")
    assert checked(province, case) == (3, 3, [])
    with province.app.app_context():
        keys = objects_of(files[1].id)
        db.session.remove()
    return case, files[1], keys


MISCHIEF: dict[str, Callable[[Province, Sealing, list[str]], Any]] = {
    "an object is gone": lambda province, _file, keys: store(province).forget(keys[1]),
    "an object is another": lambda province, _file, keys: altered(province, keys[1]),
    "two objects are exchanged": lambda province, file, _keys: exchanged(province, file),
    "a row is gone": lambda province, file, _keys: without_guards(
        province, "file_chunks", "DELETE FROM file_chunks WHERE file_id = :id AND number = 2", id=file.id
    ),
    "a chunk has another number": lambda province, file, _keys: without_guards(
        province, "file_chunks", "UPDATE file_chunks SET number = 3 WHERE file_id = :id AND number = 2", id=file.id
    ),
    "it is told to be shorter": lambda province, file, _keys: without_guards(
        province, "files", "UPDATE files SET size = 4096, chunks = 1 WHERE id = :id", id=file.id
    ),
    "the key is another": lambda province, file, _keys: without_guards(
        province, "files", "UPDATE files SET key_box = :key WHERE id = :id", id=file.id, key=bytes(61)
    ),
}


def store(province: Province) -> Any:
    return province.app.extensions["kentongan.store"]


def altered(province: Province, key: str) -> None:
    content = store(province).read(key)
    store(province).forget(key)
    store(province).keep(key, content[:-1] + bytes([content[-1] ^ 1]))


def exchanged(province: Province, file: Sealing) -> None:
    swap = "UPDATE file_chunks SET number = CASE number WHEN 1 THEN 4 ELSE 3 END WHERE file_id = :id"
    back = "UPDATE file_chunks SET number = number - 2 WHERE file_id = :id"
    for statement in (swap, back):
        without_guards(province, "file_chunks", statement, id=file.id)


def without_guards(province: Province, table: str, statement: str, **values: Any) -> None:
    """Change rows as somebody does who owns the database, and puts its triggers back."""
    triggers = {
        "files": ["files_keep"], "file_chunks": ["file_chunks_keep", "file_chunks_stay"],
        "access_events": ["access_events_keep"],
    }[table]  # fmt: skip
    with province.app.app_context():
        kind = db.engine.dialect.name
        kept = {name: _written(name) for name in triggers} if kind == "sqlite" else {}
        db.session.remove()
    for name in triggers:
        off = f"ALTER TABLE {table} DISABLE TRIGGER {name}" if kind == "postgresql" else f"DROP TRIGGER {name}"
        change(province.app, off)
    assert change(province.app, statement, **values) > 0
    for name in triggers:
        change(province.app, kept.get(name, f"ALTER TABLE {table} ENABLE TRIGGER {name}"))


def _written(name: str) -> str:
    return str(db.session.execute(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": name}).scalar())


@pytest.mark.parametrize("mischief", MISCHIEF.values(), ids=MISCHIEF)
def test_nothing_is_proposed_on_evidence_that_is_not_what_was_brought(
    province: Province, damaged: tuple[OpenedCase, Sealing, list[str]],
    mischief: Callable[[Province, Sealing, list[str]], Any],
) -> None:  # fmt: skip
    case, file, keys = damaged
    mischief(province, file, keys)
    assert checked(province, case) == (3, 3, ["B-2"])
    refusal = refused(case, "propose", "REVIEW", FOUND, ENDS)
    assert refusal.status == 422 and "Bukti B-2 tidak cocok lagi" in refusal.sentence
    # Whatever else is done goes on: only an outcome rests on the evidence.
    act(case, "note", "TRIAGE", [Text("note", "Pengelola server diberi tahu.")])


def proposed(case: OpenedCase, mark: str) -> tuple[int, str]:
    """Propose an outcome on evidence for which ``mark`` vouches; return how that is answered."""
    texts = [Text("reason", "Dua saksi."), Text("decision", "Tidak dapat diproses.")]
    unsigned, posted = compose(case, "propose", "REVIEW", texts, ENDS)
    posted = {"body": bodies.sign(unsigned, case.login.sign), **posted, "check": mark}
    status, told = case.login.ask(f"/petugas/perkara/{case.number}/tindakan", posted)
    return status, told.get("error", "")


def test_much_evidence_is_read_again_in_pieces_and_nothing_is_proposed_before_the_last(
    province: Province, damaged: tuple[OpenedCase, Sealing, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    case, _file, keys = damaged
    phrase, _complaint, number = taken(province)
    messaged(province, phrase, SMALL, SMALL)
    other = province.opened(number, "lead")
    not_yet = "Belum semua bukti dibaca ulang"
    # Each piece is one chunk, of which the second file has two.
    monkeypatch.setattr("casework.evidence.MOST_CHUNKS", 1)
    marks = [checked_on(province, each)[1]["mark"] for each in (case, other)]
    half = checked_on(province, case, marks[0])[1]
    assert [half[name] for name in ("checked", "part", "of", "wrong")] == [1, 1, 3, []]
    told = checked_on(province, case, half["mark"])[1]
    assert [told[name] for name in ("checked", "part", "of", "wrong")] == [2, 0, 3, []]
    since, _read, _part, wrong, seal = told["mark"].split(".")
    forged = [
        f"{since}.3.0.{wrong}.{seal}", f"{since}.3.0.{wrong}.{'0' * 64}", f"{since}.2.1.{wrong}.{seal}",
        f"{since}.2.0.B-9.{seal}", marks[1], "x",
    ]  # fmt: skip
    for mark in forged:
        assert checked_on(province, case, mark)[1]["checked"] == 1
        refusal = proposed(case, mark)
        assert (refusal[0], not_yet in refusal[1]) == (422, True)
    assert not_yet in refused(case, "propose", "REVIEW", FOUND, ENDS).sentence
    assert not_yet in proposed(case, half["mark"])[1]
    with monkeypatch.context() as later:
        later.setattr("casework.checking.CHECK_LASTS", timedelta(seconds=-1))
        assert not_yet in proposed(case, told["mark"])[1]
    altered(province, keys[1])
    # What is wrong stays so in what vouches for the rest.
    found = checked_on(province, case, half["mark"])[1]
    assert (found["checked"], found["part"], found["wrong"]) == (2, 0, ["B-2"])
    assert "Bukti B-2 tidak cocok lagi" in proposed(case, found["mark"])[1]
    assert "Bukti B-2 tidak cocok lagi" in proposed(case, f"{checked_on(province, case, found['mark'])[1]['mark']}")[1]
    altered(province, keys[1])
    # The last piece is read by the act itself.
    assert proposed(case, told["mark"])[0] == 200


def test_a_piece_ends_in_the_middle_of_a_file_where_it_must(
    province: Province, damaged: tuple[OpenedCase, Sealing, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    case, _file, keys = damaged
    monkeypatch.setattr("casework.evidence.MOST_CHUNKS", 2)
    first = checked_on(province, case)[1]
    assert (first["checked"], first["part"]) == (1, 1)
    # What is wrong at its beginning is not read again for its end: the mark says that it was right, until it runs out.
    altered(province, keys[0])
    assert checked_on(province, case, first["mark"])[1]["wrong"] == []
    assert checked_on(province, case)[1]["wrong"] == ["B-2"]


def test_a_check_covers_what_it_has_read_and_nothing_brought_since() -> None:
    check = Check("perkara", {"a": "1", "b": "2"}, 0, read=2)
    assert check.covers({"a": "1", "b": "2"}) and not replace(check, read=1).covers(check.brought)
    assert not check.covers({"a": "1", "b": "3"}) and not check.covers({"a": "1", "b": "2", "c": "3"})


def test_a_mark_vouches_for_the_file_that_was_read_in_part(province: Province) -> None:
    check = Check("perkara", {"a": "1", "b": "2"}, 0, read=1)
    with province.app.app_context():
        assert check.mark == replace(check, brought={"a": "1"}).mark
        half = replace(check, part=1)
        assert half.mark != replace(half, brought={"a": "1", "b": "3"}).mark


def test_what_cannot_be_read_now_is_neither_right_nor_wrong(
    province: Province, damaged: tuple[OpenedCase, Sealing, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    case, file, _keys = damaged

    def fail(*_given: Any) -> bytes:
        raise StoreFailed("Berkas belum bisa dibaca. Coba lagi sebentar lagi.", "OSError, EIO")

    assert province.browser_of("lead").ask(bukti(case, file.id, "buka"), EXAMINE)[0] == 200
    with monkeypatch.context() as broken:
        broken.setattr(store(province).__class__, "read", fail)
        assert said(province.browser_of("lead").ask(bukti(case, "periksa"), {})) == 503
        assert refused(case, "propose", "REVIEW", FOUND, ENDS).status == 503
        answer = chunk_of(province, case, file, 1)
        assert (answer.status_code, answer.get_json()["error"][:6]) == (503, "Berkas")
    act(case, "propose", "REVIEW", FOUND, ENDS)


def test_the_least_a_foreign_page_can_do_is_nothing(province: Province) -> None:
    _phrase, _complaint, number = taken(province)
    case = province.opened(number, "lead")
    lead = province.browser_of("lead").client
    file = seal_evidence(case, SMALL)
    headers = {"Origin": "https://example.org"}
    assert lead.post(bukti(case), base_url=HOST, json=file.opening, headers=headers).status_code == 403
    sent = {"data": file.chunks[0], "content_type": "application/octet-stream", "headers": headers}
    assert lead.put(bukti(case, file.id, 1), base_url=HOST, **sent).status_code == 403
