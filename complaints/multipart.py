"""What a browser posts with files and without JavaScript: its answers, then its files, read as they arrive.

Nothing of it touches the disk: Werkzeug would write a file down, in the clear, before anybody has seen it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from flask import Request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData, State
from werkzeug.wsgi import get_input_stream

from kernel.i18n import gettext as _
from kernel.refusal import Refused
from kernel.vault import CHUNK_BYTES
from kernel.web import LARGEST_REQUEST, is_multipart

# Of answers and heads little: on a slow network they are read, and lodged, long before a file is here. Of a file what
# is sealed as one: it need not be put together.
FEW_BYTES, PIECE_BYTES = 64 * 1024, CHUNK_BYTES
# What the decoder may hold at once: the head of a part, and what waits for it to be whole.
WAITING_BYTES = 8 * FEW_BYTES
MOST_PARTS = 200
# RFC 2046, §5.1.1, has 70; not every program keeps to that.
LONGEST_BOUNDARY = 200
LONGEST_NAME = 255
LONGEST_ENDING = 16
NAMELESS = "berkas"
UNKNOWN_TYPE = "application/octet-stream"
TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,64}/[a-z0-9!#$&^_.+-]{1,64}")
PATH_PARTS = re.compile(r"[/\\]")


class BrokenForm(Refused):
    """A form that cannot be read to its end: not as RFC 7578 wants it, not in our order, too long, or cut off."""

    status = 400

    def __init__(self) -> None:
        super().__init__(_("Kiriman ini terputus atau tidak dapat dibaca. Kembali, lalu kirim lagi."))


@dataclass(frozen=True)
class PostedFile:
    """One file on its way: what its browser calls it, made harmless, and its bytes, to be read once."""

    name: str
    type: str
    parts: Iterator[bytes]


class PostedForm:
    """A form's answers, and its files one after another; ``had_files`` says whether any came with it."""

    def __init__(self, fields: MultiDict[str, str], events: Iterator[Event]) -> None:
        self.fields = fields
        self._events = events
        self._head = self._read_fields()
        self.had_files = self.has_files

    @property
    def has_files(self) -> bool:
        """Tell whether a file comes that has not been handed over yet."""
        return self._head is not None

    def files(self) -> Iterator[PostedFile]:
        """Hand over each file in its turn, and skip what nobody reads of it; raises ``BrokenForm``.

        Without a second call nothing is read twice: what was handed over is gone.
        """
        while self._head is not None:
            head, self._head = self._head, None
            content = _Content(self.next)
            yield PostedFile(harmless_name(head.filename), _type(head), content)
            _skip(content)
            self._head = self._next_file()

    def let_go(self) -> None:
        """Read what is left and forget it: a browser that cannot finish sending does not look at the answer."""
        with suppress(BrokenForm):
            for _file in self.files():
                pass

    def _read_fields(self) -> File | None:
        left = LARGEST_REQUEST
        while isinstance(head := self.next(), Field | File):
            if isinstance(head, File) and head.filename:
                return head
            content = _joined(_Content(self.next), left)
            left -= len(content)
            if isinstance(head, Field):
                self.fields.add(_named(head), content.decode(errors="replace"))
        return None

    def _next_file(self) -> File | None:
        """Return the next file that has a name; answers have all come before the first."""
        while not isinstance(head := self.next(), Epilogue):
            if not isinstance(head, File):
                raise BrokenForm
            if head.filename:
                return head
            _skip(_Content(self.next))
        return None

    def next(self) -> Event:
        """Return what comes next of the form; raises ``BrokenForm``."""
        event = next(self._events, None)
        if event is None:  # it has broken off before, and whoever met that has gone on
            raise BrokenForm
        return event


class _Content(Iterator[bytes]):
    """The bytes of one part. No generator, which whoever stops reading it closes: the rest is still to be read past."""

    def __init__(self, following: Callable[[], Event]) -> None:
        self._following = following
        self._more = True

    def __next__(self) -> bytes:
        if not self._more:
            raise StopIteration
        event = self._following()
        if not isinstance(event, Data):
            raise BrokenForm
        self._more = event.more_data
        return event.data


def read_form(asked: Request, largest: int) -> PostedForm:
    """Read what ``asked`` posts: its answers now, at most a mebibyte, and of the rest at most ``largest`` bytes.

    Raises ``BrokenForm``; 413 where the answers are longer.
    """
    if not is_multipart(asked):
        return PostedForm(MultiDict(asked.form.items(multi=True)), iter([Epilogue(b"")]))
    boundary = asked.mimetype_params.get("boundary", "").encode(errors="replace")
    if not 0 < len(boundary) <= LONGEST_BOUNDARY:
        raise BrokenForm
    decoder = MultipartDecoder(boundary, WAITING_BYTES, max_parts=MOST_PARTS)
    # Not the request's own stream: its bound is for what others keep in memory, and keeping to it copies all twice.
    stream = get_input_stream(asked.environ)
    return PostedForm(MultiDict(), _Body(decoder, stream, largest + LARGEST_REQUEST).events())


class _Body:
    """A form as it comes, ``most`` bytes of it: more is no form."""

    def __init__(self, decoder: MultipartDecoder, stream: IO[bytes], most: int) -> None:
        self._decoder, self._stream, self._left = decoder, stream, most
        self._delimiter = b"--" + decoder.boundary
        # What has been read and not yet been decoded.
        self._waiting = memoryview(b"")
        # How much has been handed over of the file that is under way, where one is.
        self._of_file: int | None = None

    def events(self) -> Iterator[Event]:
        """Yield heads, contents and the end in their order; raises ``BrokenForm``."""
        event: Event = NeedData()
        while not isinstance(event, Epilogue):
            try:
                event = self._decoder.next_event()
                if isinstance(event, NeedData):
                    event = self._received()
            except (ValueError, RequestEntityTooLarge, ClientDisconnected, OSError):
                raise BrokenForm from None
            if isinstance(event, Field | File | Data | Epilogue):
                self._count(event)
                yield event

    def _count(self, event: Event) -> None:
        if isinstance(event, Data) and self._of_file is not None:
            self._of_file += len(event.data)
        elif not isinstance(event, Data):
            self._of_file = 0 if isinstance(event, File) else None

    def _received(self) -> Event:
        """Have the decoder receive what comes next, or pass it by with a piece that lies within a file, which it would
        copy four times.
        """
        decoder = self._decoder
        if not self._waiting:
            piece = self._read()
            if piece and decoder.state is State.DATA and not decoder.buffer and _ends_nothing(piece, self._delimiter):
                return Data(piece, more_data=True)
            self._waiting = memoryview(piece)
        self._decode()
        # Cut before its last hyphen, the form's end would be read with its line break's first half in the file.
        while decoder.buffer.endswith(self._delimiter + b"-") and (self._waiting or self._read_on()):
            self._decode()
        return NeedData()

    def _decode(self) -> None:
        """Have the decoder receive a little: what a head may fill is bounded by what it holds. Nothing is the end."""
        little, self._waiting = self._waiting[:FEW_BYTES], self._waiting[FEW_BYTES:]
        self._decoder.receive_data(bytes(little) or None)

    def _read_on(self) -> bool:
        """Read the next piece, also where the one before it is not decoded yet; tell whether there was one."""
        self._waiting = memoryview(self._read())
        return len(self._waiting) > 0

    def _read(self) -> bytes:
        """Read what comes next, of a file up to where a chunk of it ends; nothing is the end."""
        size = FEW_BYTES
        if self._of_file is not None:
            size = PIECE_BYTES - (self._of_file + len(self._decoder.buffer)) % PIECE_BYTES
        piece = self._stream.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise BrokenForm
        return piece


def _ends_nothing(piece: bytes, delimiter: bytes) -> bool:
    """Tell whether neither a ``delimiter`` is in a piece nor the beginning of one at its end, behind a line break."""
    end = piece[-len(delimiter) :]
    last_line = end[max(end.rfind(b"\r"), end.rfind(b"\n")) + 1 :]
    return delimiter not in piece and not delimiter.startswith(last_line)


def _joined(content: Iterator[bytes], most: int) -> bytes:
    joined = bytearray()
    for part in content:
        joined += part
        if len(joined) > most:
            raise RequestEntityTooLarge
    return bytes(joined)


def _skip(content: Iterator[bytes]) -> None:
    for _part in content:
        pass


def _named(head: Field) -> str:
    # Its published type says that it always has one.
    if not isinstance(head.name, str):
        raise BrokenForm
    return head.name


def _type(head: File) -> str:
    told = head.headers.get("content-type", "").partition(";")[0].strip().lower()
    return told if TYPE.fullmatch(told) else UNKNOWN_TYPE


def harmless_name(given: str) -> str:
    """Return a file's name without its folders and without what turns letters around or does not show.

    At most 255 characters, its ending kept where it has one.
    """
    last = PATH_PARTS.split(given)[-1]
    shown = "".join(letter for letter in last if unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    name = shown.strip()
    if not name.strip("."):
        return NAMELESS
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > LONGEST_ENDING:
        return name[:LONGEST_NAME]
    return stem[: LONGEST_NAME - len(dot + ending)] + dot + ending
