"""What a file may betray is taken out by a process that can do nothing else; whatever it is, there is an answer."""

import errno
import io
import signal
import subprocess
import sys
import tracemalloc
import zlib
from pathlib import Path

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from complaints import cleaning
from complaints.cleaner.confinement import ADDRESS_SPACE
from complaints.cleaner.errors import Impossible
from complaints.cleaner.papers import rewrite
from complaints.cleaning import Cleaned, Cleaners, How, TooManyFiles, clean
from complaints.kinds import kind_of
from tests import samples

ROOT = Path(__file__).parents[2]
KIB = 1024
RED, BLUE = (254, 0, 0), (0, 0, 254)


def laid_open(content: bytes) -> bytes:
    """What a file holds, also where it is packed; of a PDF every object that is referred to."""
    if not content.startswith(b"%PDF-"):
        return content
    plain = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pdf.save(
            plain, stream_decode_level=pikepdf.StreamDecodeLevel.specialized, compress_streams=False,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )  # fmt: skip
    return content + plain.getvalue()


def corners(picture: Image.Image) -> tuple[list[bool], list[bool]]:
    """Whether the corners are red, and whether they are blue: top left, top right, bottom left, bottom right."""
    shown = picture.convert("RGB")
    right, bottom = shown.width - 9, shown.height - 9
    seen = [shown.getpixel(at) for at in ((9, 9), (right, 9), (9, bottom), (right, bottom))]
    return [_near(each, RED) for each in seen], [_near(each, BLUE) for each in seen]


def _near(seen: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(seen, tuple)
    return all(abs(one - other) < 12 for one, other in zip(seen, wanted, strict=True))


@pytest.mark.parametrize("name", samples.CLEANABLE)
def test_what_a_file_hides_is_gone_and_what_it_shows_is_left(name: str) -> None:
    made, new_name, kind = samples.CLEANABLE[name]
    content = made()
    assert samples.hides(laid_open(content)) > 0
    cleaned = clean(content, name)
    assert (cleaned.how, cleaned.name, cleaned.type) == (How.CLEANED, new_name, kind)
    assert not samples.hides(laid_open(cleaned.content))
    assert b"2026:11:24" not in cleaned.content and b"Exif" not in cleaned.content
    if kind != "application/pdf":
        assert corners(Image.open(io.BytesIO(cleaned.content))) == ([True, *[False] * 3], [*[False] * 3, True])


def test_what_was_rubbed_out_to_transparency_is_not_there_either() -> None:
    content = samples.screenshot()
    given, left = (Image.open(io.BytesIO(each)) for each in (content, clean(content, "a").content))
    assert given.getpixel((0, 0)) == (*samples.CANARY.encode()[:3], 0)
    assert left.getpixel((0, 0)) == (0, 0, 0, 0) and left.getpixel((9, 9)) == given.getpixel((9, 9))


def test_a_paper_keeps_what_it_shows() -> None:
    with pikepdf.open(io.BytesIO(clean(samples.paper(), "surat.pdf").content)) as pdf:
        page = pdf.pages[0]
        assert page.Contents.read_bytes() == b"q 192 0 0 96 0 0 cm /Im0 Do Q"
        photo = pikepdf.PdfImage(page.Resources.XObject["/Im0"]).as_pil_image()
        assert corners(photo) == ([True, *[False] * 3], [*[False] * 3, True])
        remark, link, *others = page.Annots.as_list()
        assert str(remark.Contents) == "Harganya beda."
        assert str(link.A.URI) == "https://jatengprov.go.id/" and "/Next" not in link.A
        assert [set(each.keys()) & {"/A", "/FS"} for each in others] == [set()]
        assert not {"/Info", "/Prev"} & set(pdf.trailer.keys())


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_photograph_stands_upright(orientation: int) -> None:
    turned = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_270, 8: Image.Transpose.ROTATE_90}[orientation]
    shown = Image.open(io.BytesIO(clean(samples.photograph(orientation), "a.jpg").content))
    assert corners(shown) == corners(samples.drawing().transpose(turned))


def bomb(width: int, height: int) -> bytes:
    """A PNG of 64 KB that says how large it is, and is not."""
    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)

    header = width.to_bytes(4) + height.to_bytes(4) + bytes((8, 2, 0, 0, 0))
    rows = zlib.compress(bytes(64 * 1024 * KIB), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def pdf_of(root: str, *objects: bytes) -> bytes:
    """A PDF of one empty page, with more in its root and more objects, from number 4 on."""
    bodies = [
        f"<< /Type /Catalog /Pages 2 0 R {root} >>".encode(), b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << >> /Contents 4 0 R >>", *objects,
    ]  # fmt: skip
    written, places = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, 1):
        places.append(b"%010d 00000 n \n" % len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    size = len(bodies) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, b"".join(places))
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(written))
    return written + table + end


def stream(content: bytes, keys: str = "") -> bytes:
    """A stream object."""
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (keys.encode(), len(content), content)


def packed() -> bytes:
    """A stream of 704 MiB, packed twice into a few thousand bytes."""
    part, packer, check = bytes(64 * KIB * KIB), zlib.compressobj(9, zlib.DEFLATED, -15), 1
    once = packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(11):
        check = zlib.adler32(part, check)
    content = b"\x78\xda" + 11 * once + packer.flush() + check.to_bytes(4)
    return stream(zlib.compress(content, 9), "/Filter [/FlateDecode /FlateDecode]")


def encrypted() -> bytes:
    """A PDF that opens without a password, and says who may do what with it."""
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(samples.paper())) as pdf:
        pdf.save(made, encryption=pikepdf.Encryption(owner="rahasia", user=""))
    return made.getvalue()


def photographed(format: str, mode: str) -> bytes:
    """A picture of some format and mode."""
    made = io.BytesIO()
    Image.new(mode, (9, 9)).save(made, format)
    return made.getvalue()


def test_a_locked_paper_is_refused_where_no_calls_are_filtered_too() -> None:
    # Where the kernel refuses it, qpdf finds no random numbers, and reads no encrypted file for another reason.
    with pytest.raises(Impossible):
        rewrite(encrypted(), "application/pdf")


UNCLEANABLE = {
    "film.gif": samples.film("GIF"),
    "film.png": samples.film("PNG"),
    "film.webp": samples.film("WEBP"),
    "buku.tiff": samples.film("TIFF"),
    "surat.docx": samples.document(),
    "rekaman.wav": samples.recording(),
    "dalam.png": photographed("PNG", "I;16"),
    "terkunci.pdf": encrypted(),
    "formulir.pdf": pdf_of("/AcroForm << /XFA (x) >>", stream(b"")),
    "lain.pdf": pdf_of("", stream(b"", "/F (C:/KENARI.txt)")),
    "jpx.pdf": pdf_of("", stream(b"x", "/Filter /JPXDecode")),
    "sebaris.pdf": pdf_of("", stream(b"BI /F /DCT ID xx EI")),
    "rusak.pdf": pdf_of("", stream(b"q Q")).replace(b"startxref\n2", b"startxref\n3"),
    "aliran.pdf": pdf_of("", stream(zlib.compress(b"q Q")[:4] + b"KENARI-" * 9, "/Filter /FlateDecode")),
    "tanpa-halaman.pdf": pdf_of("", stream(b"")).replace(b"/Kids [3 0 R] /Count 1", b"/Kids [] /Count 0      "),
    "terpotong.pdf": samples.paper()[:-100],
    "terpotong.jpg": samples.photograph(size=(999, 999))[:4000],
    "acak.jpg": b"\xff\xd8\xff" + bytes(range(256)) * 9,
    "acak.pdf": b"%PDF-1.7\n" + bytes(range(256)) * 9,
    "acak.bin": bytes(range(256)) * 9,
    "teks.jpg": b"Biaya sertifikat 650.000",
    "kosong.jpg": b"",
    "banjir.png": bomb(60_000, 60_000),
    "lebar.png": bomb(40_000, 2),
    "isian.png": bomb(7_000, 7_000),
    "dalam.pdf": pdf_of(f"/Pages2 {'[' * 100_000}{']' * 100_000}", stream(b"")),
    "besar.jpg": samples.photograph() + bytes(cleaning.LARGEST_CLEANED),
}


@pytest.mark.parametrize("name", UNCLEANABLE)
def test_what_cannot_be_cleaned_whole_stays_as_it_is(name: str) -> None:
    content = UNCLEANABLE[name]
    assert clean(content, name) == Cleaned(content, kind_of(content), name, How.IMPOSSIBLE)


def test_the_papers_that_are_refused_are_refused_for_that_alone() -> None:
    assert clean(pdf_of("", stream(b"q Q")), "surat.pdf").how is How.CLEANED


def most_in_a_child(content: bytes) -> int:
    """Return how many bytes of memory the process that cleans ``content`` takes at most.

    Asked of a small process that has had no other: a child counts what its parent was as large as when it forked.
    """
    program = (
        "import resource, sys; from complaints.cleaning import clean; clean(sys.stdin.buffer.read(), 'bom'); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    asked = subprocess.run([sys.executable, "-c", program], input=content, capture_output=True, check=True)
    return int(asked.stdout) * KIB


def test_memory_is_bounded_whatever_is_unpacked() -> None:
    for content in (pdf_of("", packed()), bomb(7_000, 7_000)):
        assert len(content) < 100 * KIB
        tracemalloc.start()
        clean(content, "bom")
        assert tracemalloc.get_traced_memory()[1] < 8 * KIB * KIB
        tracemalloc.stop()
        assert most_in_a_child(content) < ADDRESS_SPACE


def test_the_largest_photograph_is_cleaned_within_the_limits() -> None:
    content = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (8160, 6120), "white").save(content, "JPEG", exif=exif, quality=75)
    cleaned = clean(content.getvalue(), "a.jpg")
    assert cleaned.how is How.CLEANED and Image.open(io.BytesIO(cleaned.content)).size == (6120, 8160)


SPOILT = [made() for made, _, _ in samples.CLEANABLE.values()]


@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.sampled_from(SPOILT), st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), max_size=6))
def test_anything_at_all_has_an_answer(content: bytes, spoils: list[tuple[float, bytes]]) -> None:
    spoilt = bytearray(content)
    for place, bad in spoils:
        at = int(place * len(spoilt))
        spoilt[at : at + len(bad)] = bad
    given_back = clean(bytes(spoilt), "a")
    if given_back.how is How.IMPOSSIBLE:
        assert given_back.content == spoilt
    else:
        assert not samples.hides(laid_open(given_back.content))


@pytest.fixture(params=[signal.SIGSTOP, signal.SIGKILL])
def stricken(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that are started, each of which hangs, or is killed, before it has read all."""
    started, start = [], cleaning._started

    def strike(kind: str) -> subprocess.Popen[bytes]:
        started.append(start(kind))
        started[-1].send_signal(request.param)
        return started[-1]

    monkeypatch.setattr(cleaning, "_started", strike)
    return started


def test_of_a_process_that_hangs_or_dies_nothing_is_left(stricken: list[subprocess.Popen[bytes]]) -> None:
    content = samples.photograph(size=(999, 999)) + bytes(512 * KIB)
    cleaned = Cleaners(seconds=0.2).clean(content, "a.jpg")
    assert cleaned == Cleaned(content, "image/jpeg", "a.jpg", How.IMPOSSIBLE)
    # Waited for, too: there is no process of this number any more.
    assert [process.returncode for process in stricken] == [-signal.SIGKILL]


@pytest.mark.parametrize(
    "answer",
    [
        "echo image/png; echo x; exit 1", "echo text/html; echo x", "echo image/png", "exec cat /dev/zero",
        "echo image/png; echo x; sleep 60", "exec >&-; sleep 60",
    ],
)  # fmt: skip
def test_a_process_that_was_taken_over_can_answer_nothing_else(program: Path, answer: str) -> None:
    program.write_text(f"#!/bin/sh\ncat > /dev/null\n{answer}\n")
    content = samples.photograph() + bytes(512 * KIB)
    tracemalloc.start()
    assert Cleaners(seconds=60 if "zero" in answer else 0.5).clean(content, "a.jpg").how is How.IMPOSSIBLE
    assert tracemalloc.get_traced_memory()[1] < 4 * cleaning.LARGEST_ANSWER
    tracemalloc.stop()


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is started in the place of Python: to be written yet."""
    made = tmp_path / "python"
    made.touch(mode=0o700)
    monkeypatch.setattr(sys, "executable", str(made))
    return made


def test_the_process_knows_nothing_of_where_anything_is(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program.write_text("#!/bin/sh\n/bin/cat > /dev/null\necho image/png\n/usr/bin/env\n")
    monkeypatch.setenv("DATABASE_URL", "postgresql://petugas")
    answer = clean(samples.photograph(), "a.jpg")
    assert answer.how is How.CLEANED and b"petugas" not in answer.content


def test_where_no_process_can_be_started_the_same_may_be_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere")
    with pytest.raises(TooManyFiles):
        clean(samples.photograph(), "a.jpg")


def test_a_few_are_cleaned_at_once_and_a_few_wait() -> None:
    cleaners = Cleaners(at_once=1, waiting=1, patience=0)
    with cleaners._place():
        with pytest.raises(TooManyFiles):
            cleaners.clean(samples.photograph(), "a.jpg")
        # What is of no kind that is cleaned waits for nobody.
        assert cleaners.clean(b"teks", "a.txt").how is How.IMPOSSIBLE
        with pytest.raises(TooManyFiles), Cleaners(at_once=1, waiting=0)._place():
            cleaners.clean(samples.photograph(), "a.jpg")
    assert cleaners.clean(samples.photograph(), "a.jpg").how is How.CLEANED


CONFINED = """
import ctypes, mmap, os, resource, socket, sys
from complaints.cleaner import confinement
path = sys.argv[1]
# By the calls of 32 bits (int 0x80), mkdir has the number that getpid has by ours; of no address it fails with EFAULT.
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(bytes.fromhex("5331dbb827000000cd805bc3"))
call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))

def narrow():
    if (told := call()) < 0:
        raise OSError(-told, "")

if path.endswith("unfiltered"):
    confinement._filter_calls = lambda: None
confinement.limit()
confinement.shut(os.getppid())
attempts = dict(
    open=lambda: os.open(path, os.O_RDONLY), write=lambda: os.open(path + "x", os.O_CREAT | os.O_WRONLY),
    socket=lambda: socket.socket(), pair=lambda: os.pipe(), fork=lambda: os.fork(),
    kill=lambda: os.kill(os.getppid(), 0),
    unlink=lambda: os.unlink(path), truncate=lambda: os.truncate(path, 0), rename=lambda: os.rename(path, path + "x"),
    execute=lambda: os.execv("/bin/true", ["true"]), limits=lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CPU),
    narrow=narrow,
)
for name, attempt in attempts.items():
    try:
        attempt()
        print("DONE", name, flush=True)
    except OSError as error:
        print(name, error.errno, flush=True)
"""
LIMITED = """
import ctypes, os, resource
from complaints.cleaner import confinement
confinement.limit()
ctypes.CDLL(None).prctl(2, ctypes.byref(told := ctypes.c_int()))
limits = [resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[1] for name in ("CORE", "FSIZE", "NPROC", "CPU")]
print(told.value, ctypes.CDLL(None).prctl(3), limits, resource.getrlimit(resource.RLIMIT_AS)[1])
confinement.shut(1)
print("went on without its parent")
"""


def confined(program: str, *given: str) -> str:
    """What a program prints that confines itself."""
    command = [sys.executable, "-c", program, *given]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=60, check=False).stdout


def test_whoever_takes_the_process_over_reaches_nothing(tmp_path: Path) -> None:
    kept = tmp_path / "secret"
    kept.write_text("rahasia")
    said = confined(CONFINED, str(kept)).splitlines()
    assert len(said) >= 11 and "DONE" not in " ".join(said), said
    # A kernel that knows no such calls has ended the process.
    assert said[11:] in ([], [f"narrow {errno.EPERM}"])
    assert kept.read_text() == "rahasia" and list(tmp_path.iterdir()) == [kept]
    # Where the kernel filters no calls there is still no descriptor to be had.
    said = confined(CONFINED, str(tmp_path / "unfiltered")).splitlines()
    assert {"open 24", "write 24", "socket 24", "pair 24"} <= set(said)


def test_the_process_is_bounded_and_ends_with_whoever_waits() -> None:
    assert confined(LIMITED) == f"{int(signal.SIGKILL)} 0 [0, 0, 0, 20] {ADDRESS_SPACE}\n"


def test_the_web_process_never_loads_what_reads_strangers_files() -> None:
    program = "import sys, wsgi, complaints.cleaning; print({'PIL', 'pikepdf', 'lxml'} & set(sys.modules))"
    assert confined(program) == "set()\n"
