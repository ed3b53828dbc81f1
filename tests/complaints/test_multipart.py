"""A form with files, read as it arrives: answers, then files, names made harmless, nothing broken taken for whole."""

import io
from collections.abc import Iterator
from itertools import accumulate, combinations
from typing import Any

import pytest
from flask import Flask, Request
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, File, MultipartDecoder, NeedData

from complaints.multipart import (
    FEW_BYTES, LONGEST_NAME, PIECE_BYTES, BrokenForm, PostedForm, harmless_name, read_form,
)  # fmt: skip
from kernel.i18n import init_i18n
from kernel.vault import CHUNK_BYTES
from kernel.web import LARGEST_REQUEST

LARGEST = 4 * 1024 * 1024
BOUNDARY = "batas"
KIND = f"multipart/form-data; boundary={BOUNDARY}"
Part = tuple[str, str | None, bytes]


@pytest.fixture(autouse=True)
def speaking() -> Iterator[None]:
    """Somewhere to say a sentence in."""
    app = Flask("satu-kalimat")
    init_i18n(app)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    with app.test_request_context():
        yield


def body_of(*parts: Part, end: bytes = b"--") -> bytes:
    """Write parts, each a field's name, its file's name or ``None``, and its bytes."""
    written = []
    for name, filename, content in parts:
        head = f'Content-Disposition: form-data; name="{name}"'
        head += f'; filename="{filename}"\r\nContent-Type: image/JPEG; q=1' if filename is not None else ""
        written.append(f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + content + b"\r\n")
    return b"".join(written) + f"--{BOUNDARY}".encode() + end + b"\r\n"


def asked(body: bytes, kind: str = KIND, length: int | None = None, ends: bool = False) -> Request:
    """Return a request as a server hands it over, which may say that its stream ends by itself, as gunicorn does."""
    told = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": kind, "CONTENT_LENGTH": str(length or len(body))}
    # That it says so counts, whatever it says.
    server = {"wsgi.url_scheme": "http", "SERVER_NAME": "x"} | ({"wsgi.input_terminated": True} if ends else {})
    return Request({**told, **server, "wsgi.input": io.BytesIO(body)})


def read(body: bytes, **how: Any) -> PostedForm:
    return read_form(asked(body, **how), LARGEST)


def taken(form: PostedForm) -> list[tuple[str, str, bytes]]:
    return [(file.name, file.type, b"".join(file.parts)) for file in form.files()]


@pytest.mark.parametrize("ends", [False, True])
def test_answers_come_first_and_then_each_file_byte_for_byte(ends: bool) -> None:
    tricky = b"\r\n--batas.\r\n--bata\n--batas-\r\n\r--" * 5000
    files = [("berkas", "a.jpg", b"satu"), ("berkas", "b.jpg", tricky), ("berkas", "c", b"\r\n")]
    answers = [("text", None, "Diminta é".encode()), ("empty", None, b""), ("avoid", None, b"1"), ("avoid", None, b"2")]
    form = read(body_of(*answers, *files), ends=ends)
    assert form.fields["text"] == "Diminta é" and form.fields.getlist("avoid") == ["1", "2"] and form.has_files
    assert taken(form) == [(name, "image/jpeg", content) for _field, name, content in files]
    assert not form.has_files and taken(form) == []


class Coming(io.RawIOBase):
    """A body that comes in pieces of its own sizes."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._left = iter(pieces)

    def read(self, _size: int | None = -1) -> bytes:
        return next(self._left, b"")


def coming(pieces: list[bytes]) -> Request:
    sent = asked(b"", ends=True)
    sent.environ["wsgi.input"] = Coming(pieces)
    return sent


def by_the_decoder_alone(pieces: list[bytes]) -> list[bytes]:
    """Return the files of a form as Werkzeug's decoder has them, to which every piece of it is given."""
    decoder, files = MultipartDecoder(BOUNDARY.encode()), list[bytes]()
    for piece in [*pieces, None]:
        decoder.receive_data(piece)
        while not isinstance(event := decoder.next_event(), NeedData):
            if isinstance(event, File):
                files.append(b"")
            elif isinstance(event, Data):
                files[-1] += event.data
            elif isinstance(event, Epilogue):
                return files
    raise AssertionError("the form has no end")


# What a delimiter is made of, and what only looks like one.
NEAR = ["\r", "\n", "\r\n", "-", "--", "batas", "--bat", "--batas", "\r\n--batas", "as", ".", " ", "x" * 40, "y" * 9]


@settings(max_examples=1000, deadline=None)
@given(near=st.lists(st.sampled_from(NEAR), max_size=30), sizes=st.lists(st.integers(1, 60), min_size=1))
def test_what_passes_the_decoder_by_is_what_it_would_have_given(near: list[str], sizes: list[int]) -> None:
    body, pieces = body_of(("berkas", "a", "".join(near).encode()), ("berkas", "b", b"z")), list[bytes]()
    begins = 0
    while begins < len(body):
        ends = begins + sizes[len(pieces) % len(sizes)]
        # There the decoder alone is wrong.
        while body[:ends].endswith(b"--batas-"):
            ends += 1
        pieces.append(body[begins:ends])
        begins = ends
    sent = coming(pieces)
    try:
        expected = by_the_decoder_alone(pieces)
    except (ValueError, AssertionError):
        with pytest.raises(BrokenForm):
            taken(read_form(sent, LARGEST))
    else:
        assert [content for _name, _type, content in taken(read_form(sent, LARGEST))] == expected


def test_wherever_the_end_of_a_form_is_cut_its_file_has_no_byte_more_or_less() -> None:
    content = b"x\r\n--batas-x"
    body = body_of(("berkas", "a", content))
    ends = range(len(body) - 30, len(body))
    for one, two in combinations(ends, 2):
        [(_name, _type, came)] = taken(read_form(coming([body[:one], body[one:two], body[two:]]), LARGEST))
        assert came == content


# Where a chunk ends, what is read at once does, and behind it what is decoded at once.
@pytest.mark.parametrize("end", [CHUNK_BYTES, 2 * CHUNK_BYTES, CHUNK_BYTES + FEW_BYTES])
def test_what_looks_like_the_end_of_a_form_where_its_reader_pauses_is_none(end: int) -> None:
    near = b"--batas-"
    content = b"x" * (end - len(near)) + near + b"y" * CHUNK_BYTES
    assert [came for _name, _type, came in taken(read(body_of(("berkas", "a", content))))] == [content]
    # As long as this one pause after another is at such a place.
    content = b"x" * end + near * 50_000 + b"y"
    assert [came for _name, _type, came in taken(read(body_of(("berkas", "a", content))))] == [content]


def test_a_file_comes_as_it_is_read_and_not_at_once() -> None:
    content = bytes(range(256)) * 8192
    sent = asked(body_of(("berkas", "a.bin", content)))
    [file] = list(next_of(read_form(sent, LARGEST)))
    first = next(file.parts)
    assert len(first) <= PIECE_BYTES and sent.environ["wsgi.input"].tell() <= 2 * PIECE_BYTES
    assert first + b"".join(file.parts) == content


# The decoder keeps a line break back for a while: what follows it may be a delimiter.
@pytest.mark.parametrize("beginning", [b"x" * 70_000, b"\n" * 70_000])
def test_what_is_read_of_a_file_ends_where_a_chunk_of_it_does(beginning: bytes) -> None:
    content = beginning + b"y" * 3 * CHUNK_BYTES
    for others in [], [("berkas", "a", beginning)]:
        form = read(body_of(("text", None, b"Halo"), *others, ("berkas", "b", content)))
        *_others, parts = [list(map(len, file.parts)) for file in form.files()]
        assert {CHUNK_BYTES, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES, len(content)} <= set(accumulate(parts))
        assert parts.count(CHUNK_BYTES) == 2


def next_of(form: PostedForm) -> Iterator[Any]:
    yield next(form.files())


@pytest.mark.parametrize("pieces", [0, 1])
def test_what_nobody_reads_of_a_file_does_not_come_with_the_next(pieces: int) -> None:
    form = read(body_of(("berkas", "a", b"x" * 300_000), ("berkas", "b", b"y")))
    got = [b"".join(some(file.parts, pieces)) if file.name == "a" else b"".join(file.parts) for file in form.files()]
    assert len(got[0]) == pieces * len(got[0]) and got[1] == b"y"


def some(parts: Iterator[bytes], pieces: int) -> list[bytes]:
    """Read a few pieces as whoever seals does: by a generator, which closes what it reads when it is left."""

    def handed_on() -> Iterator[bytes]:
        yield from parts

    reading = handed_on()
    read = [next(reading) for _piece in range(pieces)]
    reading.close()
    return read


def test_a_field_in_which_no_file_was_chosen_is_none() -> None:
    form = read(body_of(("berkas", "", b""), ("text", None, b"Halo")))
    assert form.fields["text"] == "Halo" and not form.has_files and taken(form) == []
    assert [each[0] for each in taken(read(body_of(("b", "a", b"1"), ("b", "", b""), ("b", "c", b""))))] == ["a", "c"]


def test_a_form_without_files_is_read_as_ever() -> None:
    form = read(b"text=Halo&avoid=1&avoid=2", kind="application/x-www-form-urlencoded")
    assert form.fields.getlist("avoid") == ["1", "2"] and not form.has_files and taken(form) == []


FILE = ("berkas", "a", b"x" * 200_000)
BROKEN = {
    "an answer after a file": body_of(FILE, ("text", None, b"x")),
    "cut off in a file": body_of(FILE)[:-1000],
    "cut off before its last hyphen": body_of(FILE)[:-3],
    "cut off in a head": body_of(FILE, FILE)[:200_120],
    "no end": body_of(FILE, end=b""),
    "a part that is none": body_of(FILE) .replace(b"\r\n--batas--", b"\r\n--batas\r\n\r\n\r\n--batas--"),
    "a head without end": body_of(FILE)[:-3] + b"\r\nx: " + b"x" * 600_000,
    "too much in all": body_of(*[("berkas", "a", b"x" * 2_000_000)] * 3),
    "too many parts": body_of(*[("berkas", "a", b"x")] * 300),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_form_that_breaks_off_behind_its_answers_keeps_them(name: str) -> None:
    form = read(body_of(("text", None, b"Halo"), end=b"")[: -len("--batas\r\n")] + BROKEN[name])
    assert form.fields["text"] == "Halo" and form.has_files
    with pytest.raises(BrokenForm):
        taken(form)
    assert not form.has_files


def test_a_file_that_broke_off_is_not_the_end_of_the_form() -> None:
    form = read(BROKEN["cut off in a file"])
    with pytest.raises(BrokenForm):
        for file in form.files():
            with pytest.raises(BrokenForm):
                b"".join(file.parts)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", KIND), (b"x" * 300_000, KIND), (body_of(("text", None, b"x")), "multipart/form-data"),
        (body_of(("text", None, b"x")), "multipart/form-data; boundary=lain"),
        (body_of(("text", None, b"x")), f"multipart/form-data; boundary={'x' * 201}"),
        (body_of(("text", None, b"x")), 'multipart/form-data; boundary="é"'),
        (body_of(("text", None, b"x"))[:-20], KIND), (body_of(*[("text", None, b"x")] * 300), KIND),
        (body_of(("text", None, b"x")).replace(b'name="text"', b""), KIND),
        (body_of(("text", None, b"x")).replace(b"Disposition", b"D"), KIND),
        (body_of(("text", None, b"x")).replace(b"text", b"\xff"), KIND),
    ],
)  # fmt: skip
def test_a_form_that_cannot_be_read_is_refused(body: bytes, kind: str) -> None:
    with pytest.raises(BrokenForm):
        read(body, kind=kind)


@pytest.mark.parametrize("ends", [False, True])
def test_a_connection_that_is_lost_is_told_from_an_end(ends: bool) -> None:
    body = body_of(FILE)
    with pytest.raises(BrokenForm):
        taken(read(body[:-20], length=len(body), ends=ends))


def test_what_lies_behind_a_body_is_not_read_where_nobody_ends_it() -> None:
    sent = asked(body_of(FILE) + b"GET / HTTP/1.1", length=len(body_of(FILE)))
    taken(read_form(sent, LARGEST))
    assert sent.environ["wsgi.input"].read() == b"GET / HTTP/1.1"


def test_a_connection_that_fails_breaks_a_form() -> None:
    class Failing(io.RawIOBase):
        def read(self, _size: int | None = -1) -> bytes:
            raise ConnectionResetError

    sent = coming([])
    sent.environ["wsgi.input"] = Failing()
    with pytest.raises(BrokenForm):
        read_form(sent, LARGEST)


@pytest.mark.parametrize(("length", "most"), [(4, FEW_BYTES), (150_000, 3 * FEW_BYTES)])
def test_answers_are_read_before_much_of_a_file_is_here(length: int, most: int) -> None:
    sent = asked(body_of(("text", None, b"y" * length), ("berkas", "a", b"x" * PIECE_BYTES)), ends=True)
    assert read_form(sent, LARGEST).has_files and sent.environ["wsgi.input"].tell() <= most


def test_a_head_without_end_is_not_waited_for() -> None:
    sent = asked(f"--{BOUNDARY}\r\nx: ".encode() + b"x" * LARGEST, ends=True)
    with pytest.raises(BrokenForm):
        read_form(sent, LARGEST)
    assert sent.environ["wsgi.input"].tell() <= 640 * 1024


def test_a_head_behind_a_file_may_fill_no_more_than_any() -> None:
    before, rest, after = body_of(("berkas", "a", b"x" * 70_000), ("berkas", "b", b"z")).rpartition(b"Content-Type")
    for length, is_read in [(100_000, True), (512 * 1024, False)]:
        form = read(before + b"x: " + b"x" * length + b"\r\n" + rest + after)
        if is_read:
            assert [content for _name, _type, content in taken(form)] == [b"x" * 70_000, b"z"]
        else:
            with pytest.raises(BrokenForm):
                taken(form)


def test_answers_are_bounded_as_everywhere() -> None:
    with pytest.raises(RequestEntityTooLarge):
        read(body_of(*[("text", None, b"x" * (LARGEST_REQUEST // 3))] * 4))


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("foto.jpg", "foto.jpg"), ("../../etc/passwd", "passwd"), (r"C:\Users\Siti\foto.jpg", "foto.jpg"),
        ("a\0b.jpg", "ab.jpg"), ("\u202egpj.exe", "gpj.exe"), ("a\r\nb\u2028.jpg", "ab.jpg"), ("..", "berkas"),
        ("/", "berkas"), ("\u200b", "berkas"), (".jpg", ".jpg"), (" kuitansi é.pdf ", "kuitansi é.pdf"),
        ("x" * 4000 + ".jpg", "x" * 251 + ".jpg"), ("y" * 4000, "y" * 255), ("z." + "y" * 4000, "z." + "y" * 253),
    ],
)  # fmt: skip
def test_a_name_is_made_harmless(given: str, name: str) -> None:
    assert harmless_name(given) == name and len(name) <= LONGEST_NAME
