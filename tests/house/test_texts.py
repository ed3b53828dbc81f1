"""Every text goes through the one catalogue, and the search for strays finds strays."""

import re
from pathlib import Path

from . import texts


def test_the_catalogue_is_whole_and_no_text_stands_outside_it() -> None:
    assert texts.complaints() == []


def test_a_text_outside_gettext_is_found_in_a_page() -> None:
    page = '<p>{{ _("Diterima") }} Laporan Anda</p><img alt="Gambar kentongan">'
    assert texts.strangers_in_template(page) == ["Gambar kentongan", "Laporan Anda"]


def test_a_text_outside_gettext_is_found_in_a_script() -> None:
    script = 'show(_("Laporan Anda belum terkirim")); show("Laporan Anda belum terkirim");'
    assert texts.strangers_in_script(script) == ['"Laporan Anda belum terkirim"']


def test_a_text_that_the_catalogue_would_miss_is_found_in_a_script() -> None:
    script = 'title = `${_("Periksa isian")}: ${title}`; said = `${name}: ${kind}`;'
    assert texts.strangers_in_script(script) == ['`${_("Periksa isian")}: ${title}`']


def test_a_text_outside_gettext_is_found_in_python() -> None:
    module = (
        '"""Tentang laporan yang masuk."""\n'
        'raise Refused("Laporan ini tidak ada.")\nraise Refused(_("Laporan itu tidak ada."))\n'
    )
    assert texts.strangers_in_python(module) == ["Laporan ini tidak ada."]


IMPORTS = re.compile(r'(?:from|import)\s*\(?\s*"(\.[^"]+\.js)"')


def loaded_by(script: Path) -> set[Path]:
    """Return what a script imports, however far, also what it imports only when it is needed."""
    found, left = set[Path](), [script]
    while left:
        one = left.pop().resolve()
        if one not in found:
            found.add(one)
            left += [one.parent / name for name in IMPORTS.findall(one.read_text())]
    return found


def test_no_page_says_what_only_another_pages_module_can_say() -> None:
    """Whoever loads a script whose texts stand apart loads these, too."""
    pages = {"-petugas": "officer.html", "-lacak": "complaints/track.html"}
    scripts = texts.ROOT / "static" / "js"
    for name, own in texts.APART.items():
        assert f"~ '{name}.js'" in (texts.ROOT / "templates" / pages[name]).read_text()
        apart = {path.resolve() for path in scripts.rglob("*.js") if str(path.relative_to(texts.ROOT)).startswith(own)}
        assert apart
        entry = (scripts / "complaints" / "track.js").resolve()
        others = {path.resolve() for path in scripts.rglob("*.js")} - apart - {entry}
        assert not {path for path in others if loaded_by(path) & apart}
