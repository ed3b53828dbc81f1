"""What a reporter's page says of files: before they go, of each; and on their way, why they do not."""

import base64
from typing import Any

import pytest
from playwright.sync_api import Page

from complaints.wording import FILE_KINDS, OTHER_FILE, file_kind
from tests import samples

# Files of these types and names are chosen, their content in base64; what the list and the page then say.
CHOOSING = """
async ({ files, most, largest, unchanged }) => {
  const { Choice } = await import("/static/js/complaints/choosing.js");
  document.body.innerHTML = '<fieldset class="files"><input type="file"></fieldset>';
  const fieldset = document.querySelector("fieldset");
  Object.assign(fieldset.dataset, { most, largest });
  const choice = new Choice(fieldset);
  const bytes = (content) => Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
  choice.add(files.map(([name, type, content]) => new File([bytes(content)], name, { type })));
  await Promise.all(choice.chosen.map((chosen) => chosen.ready()));
  await new Promise((soon) => setTimeout(soon));
  if (unchanged) document.querySelectorAll(".chosen input").forEach((tick) => tick.click());
  const ready = [];
  for (const chosen of choice.chosen) ready.push(await chosen.ready());
  const items = [...document.querySelectorAll(".chosen > li")];
  return {
    said: items.map((item) => item.innerText),
    heads: items.map((item) => item.querySelector("b").textContent),
    choices: items.map((item) => item.querySelector("input") !== null),
    wrong: [...document.querySelectorAll(".error-message")].map((said) => said.innerText.trim()),
    markup: document.querySelectorAll("b *, script").length,
    names: ready.map(({ name }) => name), how: ready.map(({ how }) => how), types: ready.map(({ type }) => type),
  };
}
"""
# What the server answers when it is asked how the case stands: each status and body in its turn. What the page said
# before each question, and at the end.
FOLLOWING = """
async (answers) => {
  const { Choice } = await import("/static/js/complaints/choosing.js");
  const { follow } = await import("/static/js/complaints/following.js");
  document.body.innerHTML = '<div id="rehearsal"></div><fieldset class="files"><input type="file"></fieldset>';
  const choice = new Choice(document.querySelector("fieldset"));
  const [said, left] = [[], [...answers]];
  const shown = () => document.querySelector("#following > [role=status]").innerText;
  const ended = new Promise((end) => {
    window.fetch = async () => {
      said.push(shown());
      const [status, body] = left.shift();
      if (left.length === 0) setTimeout(end, 100);
      return new Response(body, { status });
    };
  });
  const [keys, root] = [{ lookupToken: new Uint8Array(16) }, new Uint8Array(32)];
  follow(choice, { keys, root, addresses: { openUrl: "/buka" } });
  await ended;
  return [...said, shown()];
}
"""
KINDS = {
    "photograph": ("foto.jpg", "image/jpeg", ("tempat dan waktu pemotretan", "jenis HP", "sudah dihapus di HP Anda")),
    "paper": ("surat.pdf", "application/pdf", (
        "nama pembuatnya", "waktu", "program yang dipakai", "tulisan lama yang sudah diubah atau ditutup",
        "Foto lembarannya lebih aman", "belum bisa kami bersihkan: dikirim apa adanya", "hapus dari daftar ini",
    )),
    "letter": ("surat.docx", "", ("nama penulisnya", "tulisan lama yang sudah diubah atau dihapus", "apa adanya")),
    "sound": ("rekaman.m4a", "audio/mp4", ("waktu dan jenis alatnya", "Suara orang bisa dikenali", "apa adanya")),
    "film": ("video.3gp", "video/3gpp", ("tempat, waktu, dan jenis HP", "Wajah dan suara", "apa adanya")),
    "anything": ("berkas.xyz", "", ("bisa memuat keterangan tentang Anda", "apa adanya")),
}  # fmt: skip
CONTENTS = {"photograph": samples.photograph(), "paper": samples.paper(), "letter": samples.document()}


@pytest.fixture(autouse=True)
def alone(blank: Page) -> None:
    """Each test has a page of its own."""
    blank.reload()


def choosing(
    blank: Page, *files: tuple[str, str, bytes], most: int = 10, largest: int = 1_000_000, unchanged: bool = False
) -> Any:
    """Choose files, with ``unchanged`` to be sent as they are; return what is said of them."""
    given = [[name, kind, base64.b64encode(content).decode()] for name, kind, content in files]
    asked = {"files": given, "most": str(most), "largest": str(largest), "unchanged": unchanged}
    return blank.evaluate(CHOOSING, asked)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_file_may_betray_and_what_becomes_of_that_is_said_before_it_is_sent(blank: Page, kind: str) -> None:
    name, told_type, sentences = KINDS[kind]
    done = choosing(blank, (name, told_type, CONTENTS.get(kind, b"\0\1\2")))
    [said] = done["said"]
    assert [sentence for sentence in sentences if sentence not in said] == []
    # What can be cleaned may be sent as it is; of what cannot be there is nothing to choose but to leave it.
    assert done["choices"] == [kind == "photograph"] and "Hapus" in said
    assert done["how"] == ["cleaned" if kind == "photograph" else "impossible"]


def test_a_photograph_that_stays_as_it_is_goes_as_what_it_is_and_not_as_its_name_says(blank: Page) -> None:
    content = samples.photograph()
    done = choosing(blank, ("foto", "", content), ("foto.png", "image/png", content), unchanged=True)
    assert (done["how"], done["types"]) == (["original"] * 2, ["image/jpeg"] * 2)


def test_names_do_nothing_to_the_page_and_no_name_is_too_long(blank: Page) -> None:
    names = ["../../etc/passwd", "foto\u202egpj.exe", "a\0b.txt", "<script>x</script>.png", "n" * 4_000 + ".txt"]
    done = choosing(blank, *((name, "", b"\0isi") for name in names))
    assert done["wrong"] == [] and done["markup"] == 0
    assert [len(name) <= 255 for name in done["names"]] == [True] * 5
    heads = "".join(done["heads"])
    assert "\u202e" not in heads and "\0" not in heads and "[U+202E]" in heads


def test_what_cannot_be_sent_is_refused_by_name(blank: Page) -> None:
    files = {"kosong.txt": b"", "besar.bin": bytes(2_000), "satu.txt": b"1", "dua.txt": b"2", "tiga.txt": b"3"}
    done = choosing(blank, *((name, "", content) for name, content in files.items()), most=2, largest=1_024)
    assert done["wrong"] == [
        "kosong.txt tidak ditambahkan: berkasnya kosong.",
        "besar.bin tidak ditambahkan: besarnya 2 KB, paling besar 1 KB.",
        "tiga.txt tidak ditambahkan: paling banyak 2 berkas sekali kirim.",
    ]
    assert done["names"] == ["satu.txt", "dua.txt"]


def test_an_album_that_is_too_large_is_refused_in_one_sentence(blank: Page) -> None:
    album = [(f"{turn}.txt", "", b"isi") for turn in range(24)]
    done = choosing(blank, *album, ("kosong.txt", "", b""))
    assert done["wrong"] == [
        "kosong.txt tidak ditambahkan: berkasnya kosong.",
        "10.txt dan 13 berkas lain tidak ditambahkan: paling banyak 10 berkas sekali kirim.",
    ]
    assert done["names"] == [f"{turn}.txt" for turn in range(10)]


def test_files_that_follow_say_why_they_wait_and_why_they_stop(blank: Page) -> None:
    answers = [[429, "Tunggu."], [503, ""], [503, '{"error": "Penuh."}'], [403, '{"error": "Tidak lagi."}']]
    busy, lost, full, refused = blank.evaluate(FOLLOWING, answers)[1:]
    assert busy == "Terlalu banyak kiriman sekaligus saat ini. Ditunggu sebentar, lalu dilanjutkan sendiri."
    assert lost == "Sambungan terputus atau server sibuk. Dicoba lagi sendiri."
    assert full == "Penuh. Dicoba lagi sendiri."
    assert "Berkas belum masuk laporan" in refused and "Tidak lagi." in refused and "Coba lagi" in refused


@pytest.mark.parametrize("language, written", [("id", "28 November 2026"), ("en", "28 November 2026")])
def test_a_day_is_written_as_the_rest_of_the_page_writes_it(blank: Page, language: str, written: str) -> None:
    say = """async (language) => {
      document.documentElement.lang = language;
      return (await import("/static/js/day.js")).longDay("2026-11-28");
    }"""
    assert blank.evaluate(say, language) == written


# Media types and names, and what each file is called.
CALLED = [
    ("image/jpeg", "a.pdf", "Gambar"), ("", "a.PNG", "Gambar"),
    ("application/pdf", "a", "Dokumen PDF"), ("", "surat.pdf", "Dokumen PDF"),
    ("audio/wav", "a", "Rekaman suara"), ("application/zip", "a.amr", "Rekaman suara"),
    ("video/mp4", "a", "Video"), ("", "a.mkv", "Video"),
    ("text/plain", "a.docx", "Tulisan"), ("", "a.csv", "Tulisan"),
    ("application/msword", "a", "Dokumen"), ("application/zip", "surat.docx", "Dokumen"),
    ("application/vnd.oasis.opendocument.text", "a", "Dokumen"), ("application/zip", "a.zip", "Berkas jenis lain"),
    ("", "pdf", "Berkas jenis lain"), ("", "a.pdf\n", "Berkas jenis lain"),
]  # fmt: skip


def test_a_file_is_called_the_same_by_the_server_and_by_both_browsers(blank: Page) -> None:
    say = """async (files) => {
      const { kindInWords } = await import("/static/js/file-kinds.js");
      const { typeInWords } = await import("/static/js/casework/register.js");
      const told = files.map(([type, name]) => ({ type, name }));
      return { reporter: told.map(kindInWords), officer: told.map(typeInWords) };
    }"""
    called = [label for _type, _name, label in CALLED]
    assert {*called} == {str(label) for _shape, label in FILE_KINDS} | {str(OTHER_FILE)}
    assert [str(file_kind(type, name)) for type, name, _label in CALLED] == called
    said = blank.evaluate(say, CALLED)
    assert said["reporter"] == called
    assert said["officer"] == [f"{label} ({type})" for type, _name, label in CALLED]
