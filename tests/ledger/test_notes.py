"""Signed notes and checkpoints: Go's and C2SP's own examples, and every way not to be one."""

import os
from base64 import b64decode, b64encode

import pytest

from kernel.vault import Malformed, SigningKey
from ledger.checkpoints import Checkpoint, open_checkpoint, read_checkpoint, sign_checkpoint
from ledger.notes import COSIGNATURE, Note, Signature, Verifier, cosign, read_note, sign_note, write_note
from tests.vectors.inputs import drawn

# golang.org/x/mod/sumdb/note, note_test.go.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_SEED = b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETERS = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
ENOCHS = "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ="
PETER_LINE, ENOCH_LINE = f"— PeterNeumann {PETERS}\n", f"— EnochRoot {ENOCHS}\n"
NOTE = f"{TEXT}\n{PETER_LINE}"
# c2sp.org/tlog-cosignature.
COSIGNED = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""  # noqa: E501
KEY = SigningKey.from_seed(drawn("a log's key"))
OURS = Verifier("kentongan.example/log", KEY.public)


def test_gos_own_note_is_written_and_its_signatures_hold() -> None:
    assert sign_note(TEXT, "PeterNeumann", SigningKey.from_seed(PETERS_SEED)) == NOTE
    both = read_note(NOTE + ENOCH_LINE)
    assert both.text == TEXT
    assert all(both.is_signed_by(Verifier.read(vkey)) for vkey in (PETER, ENOCH))
    assert not read_note(NOTE).is_signed_by(Verifier.read(ENOCH))
    assert write_note(both.text, both.signatures) == NOTE + ENOCH_LINE


def test_a_signature_that_does_not_hold_spoils_the_note_beside_one_that_does() -> None:
    peter = Verifier.read(PETER)
    wrong = Signature(peter.name, peter.key_id, bytes(64))
    twice = read_note(write_note(TEXT, [*read_note(NOTE).signatures, wrong]))
    assert not twice.is_signed_by(peter)


def test_a_signature_by_the_same_name_and_another_key_is_passed_over() -> None:
    peter = Verifier.read(PETER)
    note = read_note(sign_note(TEXT, peter.name, KEY) + PETER_LINE)
    assert note.is_signed_by(peter)
    assert note.is_signed_by(Verifier(peter.name, KEY.public))
    assert not note.is_signed_by(Verifier("EnochRoot", peter.public))


def test_another_text_is_not_signed() -> None:
    changed = read_note(NOTE.replace("problem is.", "problem is!"))
    assert not changed.is_signed_by(Verifier.read(PETER))


def test_a_vkey_is_written_as_it_was_read_and_no_other_is_read() -> None:
    assert Verifier.read(PETER).vkey == PETER
    parts = {PETER[start:end] for start in range(len(PETER)) for end in range(start, len(PETER) + 1)} - {PETER}
    changed = {PETER[:at] + chr(ord(PETER[at]) + 1) + PETER[at + 1 :] for at in range(len(PETER))}
    longer = "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=="
    another_type = "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    too_long = Verifier("a", bytes(33)).vkey
    for vkey in parts | changed | {longer, too_long, another_type, PETER + "\n"}:
        with pytest.raises(Malformed):
            Verifier.read(vkey)


@pytest.mark.parametrize(
    "note",
    [
        "", TEXT, f"{TEXT}\n", NOTE[:-1], f"\x01{NOTE}", f"{NOTE}Another line.\n", NOTE.replace("\n\n", "\n"),
        NOTE.replace("\n", "\r\n"), f"{TEXT}\n— Bad Name {PETERS}\n", f"{TEXT}\n— Bad+Name {PETERS}\n",
        f"{TEXT}\n—  {PETERS}\n", f"{TEXT}\n- PeterNeumann {PETERS}\n", f"{TEXT}\n— PeterNeumann x08go\n",
        f"{TEXT}\n— PeterNeumann x08goA==\n", f"{TEXT}\n— PeterNeumann {PETERS[:-2]}N=\n",
        f"{TEXT}\n— PeterNeumann\u00a0x {PETERS}\n", f"{TEXT}\n{PETER_LINE * 65}", f"{NOTE}\n", PETER_LINE,
    ],
)  # fmt: skip
def test_what_is_written_otherwise_is_no_note(note: str) -> None:
    with pytest.raises(Malformed):
        read_note(note)


@pytest.mark.parametrize(
    ("text", "name"),
    [("no end", "a"), (f"a\n\n{PETER_LINE[:-1]}", "a"), ("a\tb\n", "a"), (TEXT, "a b"), (TEXT, "a+b"), (TEXT, "")],
)
def test_what_would_not_be_read_again_is_not_signed(text: str, name: str) -> None:
    with pytest.raises(Malformed):
        sign_note(text, name, KEY)


def test_a_text_may_have_empty_lines() -> None:
    assert read_note(sign_note("a\n\n\nb\n", "a", KEY)).text == "a\n\n\nb\n"


def test_the_documents_checkpoint_is_read() -> None:
    note = read_note(COSIGNED)
    found = read_checkpoint(note.text)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert b64encode(found.root).decode() == "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
    assert found.text == note.text
    assert [line.name for line in note.signatures] == ["example.com/behind-the-sofa", "witness.example.com/w1"]
    # A cosignature is a time (u64be, seconds) and an Ed25519 signature; the document tells the time.
    assert int.from_bytes(note.signatures[1].signature[:8], "big") == 1679315147
    assert len(note.signatures[1].signature) == 8 + 64


def test_a_witness_signs_the_time_as_well() -> None:
    witness = Verifier("witness.example/w1", KEY.public, COSIGNATURE)
    assert Verifier.read(witness.vkey) == witness
    text = read_note(COSIGNED).text
    line = cosign(text, 1679315147, witness.name, KEY)
    assert line.signature[8:] == KEY.sign(b"cosignature/v1\ntime 1679315147\n" + text.encode())
    assert Note(text, (line,)).is_signed_by(witness)
    # Nor does one kind of key stand for the other.
    assert not Note(text, (line,)).is_signed_by(Verifier(witness.name, KEY.public))
    later = Signature(line.name, line.key_id, (1679315148).to_bytes(8, "big") + line.signature[8:])
    assert not Note(text, (later,)).is_signed_by(witness)
    assert not Note(f"{text}x\n", (line,)).is_signed_by(witness)
    assert not witness.holds(b"", text)


def test_a_checkpoint_is_opened_by_its_logs_own_key_alone() -> None:
    stated = Checkpoint(OURS.name, 64, os.urandom(32))
    note = sign_checkpoint(stated, KEY)
    assert open_checkpoint(note, OURS) == stated
    other = Verifier(OURS.name, SigningKey.from_seed(drawn("another log's key")).public)
    forged = sign_note(stated.text.replace("\n64\n", "\n65\n"), OURS.name, SigningKey.from_seed(drawn("another key")))
    elsewhere = sign_note(Checkpoint("kentongan.example/other", 64, stated.root).text, OURS.name, KEY)
    for wrong, log in ((note, other), (forged, OURS), (elsewhere, OURS), (note.replace("\n64\n", "\n65\n"), OURS)):
        with pytest.raises(Malformed):
            open_checkpoint(wrong, log)


def test_others_may_add_lines_to_a_checkpoint() -> None:
    text = Checkpoint("a", 0, bytes(32), ("one", "two")).text
    assert read_checkpoint(text).extensions == ("one", "two")


@pytest.mark.parametrize("size", ["", "00", "01", "-1", "+1", "1.0", "٣", "0x1", "1" * 20, " 1"])
def test_a_size_written_otherwise_is_none(size: str) -> None:
    with pytest.raises(Malformed):
        read_checkpoint(f"a\n{size}\n{b64encode(bytes(32)).decode()}\n")


@pytest.mark.parametrize(
    "text",
    [
        "", "a\n1\n", "\n1\n{}\n", "a\n1\n{}", "a\n1\n{}\n\n",
        "a\n1\n{}A\n", "a\n1\n{}\n\nb\n", "a\n1\n{}\nb", "a\n1\nAAAA\n",
    ],
)  # fmt: skip
def test_a_text_without_its_lines_is_no_checkpoint(text: str) -> None:
    with pytest.raises(Malformed):
        read_checkpoint(text.format(b64encode(bytes(32)).decode()))
