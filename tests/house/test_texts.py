"""Every text goes through the one catalogue, and the search for strays finds strays."""

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
