"""The reporter's forms. Required are four answers; everything else may stay empty or unknown."""

from __future__ import annotations

import re
import secrets
from typing import Any

from wtforms import (
    BooleanField, Form, HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField,
)  # fmt: skip
from wtforms.validators import InputRequired, Length, Optional, StopValidation, ValidationError

from complaints.rules import ACCOUNT_KEYS, LONGEST_ANSWER, LONGEST_TEXT, traces
from kernel.i18n import lazy_gettext as _l
from kernel.i18n import spoken
from kernel.province import Province
from kernel.routing import Label, Level, Storey

UNANSWERED = ""
NONCE = re.compile(r"[0-9a-f]{32}")
NONCE_BYTES = 16
# WTForms' own sentence is English; its published types do not know this setting yet.
OF_THESE: dict[str, Any] = {"invalid_choice_message": _l("Pilih salah satu jawaban yang ada.")}


class Visible(InputRequired):
    """Something that shows was written: of spaces and invisible characters alone nothing would reach a reader."""

    def __call__(self, form: Any, field: Any) -> None:
        """Raise ``StopValidation`` where nothing shows."""
        if not any(character.isprintable() and not character.isspace() for character in field.data or ""):
            raise StopValidation(str(self.message))


def _stripped(value: str | None) -> str:
    # A browser's own form post ends lines with CRLF, a script's with LF: both paths seal the same text.
    return (value or "").replace("\r\n", "\n").strip()


def _short(label: Any, hint: Any = "") -> StringField:
    return StringField(label, [Optional(), _longest_answer()], [_stripped], hint)


def _longest_answer() -> Length:
    return Length(max=LONGEST_ANSWER, message=_l("Jawaban ini terlalu panjang: paling banyak %(max)d huruf."))


def _yes_no(label: Any, hint: Any = "") -> RadioField:
    choices = [("ya", _l("Ya")), ("tidak", _l("Tidak")), ("tidak_tahu", _l("Saya tidak tahu"))]
    return RadioField(label, [Optional()], choices=choices, description=hint, **OF_THESE)


def _longest_text() -> Length:
    return Length(max=LONGEST_TEXT, message=_l("Tulisan ini terlalu panjang: paling banyak %(max)d huruf."))


LEVELS = [
    (Level.VILLAGE, _l("Kantor desa atau kelurahan")),
    (Level.DISTRICT, _l("Kantor kecamatan")),
    (Level.REGENCY, _l("Dinas, sekolah, puskesmas, atau kantor lain milik kabupaten/kota")),
    (Level.REGENCY_HEAD, _l("Bupati, wali kota, sekda, atau inspektorat kabupaten/kota")),
    (Level.PROVINCE, _l("Dinas, SMA/SMK, samsat, atau kantor lain milik provinsi")),
    (Level.PROVINCE_HEAD, _l("Gubernur, sekda, atau inspektorat provinsi")),
    (Level.NATIONAL, _l("Kantor pusat di daerah: polisi, pertanahan, KUA, lapas, pengadilan")),
    (Level.UNKNOWN, _l("Saya tidak tahu")),
]


def levels_of(province: Province) -> list[tuple[str, Any]]:
    """Return the levels of offices in the province's own words, and where it has none of its own in the usual ones."""
    own = {level: spoken(words) for level, words in province.offices.items()}
    return [(level.value, own.get(level, words)) for level, words in LEVELS]


class ComplaintForm(Form):
    """The complaint: one form for every path; JavaScript shows it one question a screen."""

    text = TextAreaField(
        _l("Apa yang terjadi?"),
        [
            Visible(_l("Ceritakan apa yang terjadi.")),
            _longest_text(),
        ],
        [_stripped],
        _l("Tulis dengan kata-kata Anda sendiri. Kalau hanya Anda yang tahu, tulis lebih umum."),
    )
    region = SelectField(_l("Kabupaten atau kota"), [InputRequired(_l("Pilih kabupaten atau kota."))], **OF_THESE)
    place = StringField(
        _l("Tempatnya"),
        [Visible(_l("Tulis tempatnya: desa, kecamatan, atau nama kantor.")), _longest_answer()],
        [_stripped],
        _l("Desa, kecamatan, atau nama kantor."),
    )
    sector = RadioField(_l("Layanan apa?"), [InputRequired(_l("Pilih layanannya."))], **OF_THESE)
    level = RadioField(
        _l("Kantor itu milik siapa?"),
        [InputRequired(_l("Pilih salah satu. Boleh “Saya tidak tahu”."))],
        description=_l("Laporan Anda tidak akan dibaca kantor yang Anda laporkan, juga tidak oleh bawahannya."),
        **OF_THESE,
    )
    office = _short(_l("Nama kantornya"))
    role = _short(_l("Jabatan orang yang meminta"), _l("Jabatan sudah cukup; nama boleh tidak ditulis."))
    when = _short(_l("Kapan?"), _l("Kira-kira saja, misalnya “awal Juli” atau “tiap pencairan”."))
    times = _short(_l("Berapa kali?"))
    asked = _short(_l("Berapa yang diminta?"))
    paid = _short(_l("Berapa yang sudah dibayar?"))
    method = _short(_l("Dibayar dengan cara apa?"), _l("Tunai, transfer, lewat perantara, atau barang."))
    receipt = _yes_no(_l("Apakah Anda diberi kuitansi?"))
    fixed_amount = _yes_no(_l("Khusus sekolah: apakah besarnya ditentukan?"))
    due_date = _yes_no(_l("Khusus sekolah: apakah ada batas waktunya?"))
    ongoing = _yes_no(_l("Apakah masih berlangsung?"))
    threatened = _yes_no(_l("Apakah Anda merasa terancam?"), _l("Bila ya, laporan Anda didahulukan."))
    avoid = SelectMultipleField(
        _l("Siapa yang tidak boleh menangani?"),
        choices=[("region", _l("Inspektorat kabupaten/kota")), ("province", _l("Inspektorat provinsi"))],
        description=_l("Laporan akan dibaca kantor di atasnya."),
        **OF_THESE,
    )
    excluded = _short(_l("Orang atau kantor lain yang tidak boleh tahu"))
    unchanged = BooleanField()
    nonce = HiddenField()
    seen_traces = HiddenField()

    def __init__(self, *args: Any, province: Province, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.province = province
        regions = [(region.code, region.name) for region in province.regions.values()]
        self.region.choices = [(UNANSWERED, _l("Pilih …")), *regions]
        self.sector.choices = [(sector.code, spoken(sector.name)) for sector in province.sectors.values()]
        self.level.choices = levels_of(province)

    def validate_nonce(self, field: HiddenField) -> None:
        """Give a form that has lost its nonce another: sent once more, it goes through."""
        if not NONCE.fullmatch(field.data or ""):
            field.data = secrets.token_hex(NONCE_BYTES)
            raise ValidationError(_l("Halaman ini belum siap waktu dikirim. Kirim sekali lagi."))

    def account(self) -> dict[str, str]:
        """Return the answers that are sealed, ``avoid`` joined by ``+`` as a text like the others."""
        answers = {key: self[key].data for key in ACCOUNT_KEYS} | {"avoid": "+".join(self.avoid.data or ())}
        return {key: answer for key, answer in answers.items() if answer}

    def label(self) -> Label:
        """Return the routing label, which stands in the clear."""
        remits = {"region": self.region.data, "province": Storey.PROVINCE.value}
        excluded = frozenset(desk for each in self.avoid.data or () for desk in self.province.desks_of(remits[each]))
        return Label(self.region.data, self.sector.data, Level(self.level.data), excluded)

    def threat(self) -> bool:
        """Tell whether the writer feels threatened, which raises the case's priority."""
        return bool(self.threatened.data == "ya")

    def traces(self) -> dict[str, list[str]]:
        """Return, by field, what gives the writer away."""
        found = {key: traces(self[key].data or "") for key in ACCOUNT_KEYS if isinstance(self[key], StringField)}
        return {key: [trace.value for trace in kinds] for key, kinds in found.items() if kinds}


class PhraseForm(Form):
    """The tracking phrase, as typed."""

    phrase = TextAreaField(
        _l("Frasa laporan"),
        # Bounded: accents piled upon one letter take the square of their number to be put in order (NFKC).
        [Visible(_l("Tulis delapan kata frasa laporan Anda.")), _longest_answer()],
        [_stripped],
        _l("Delapan kata yang Anda catat. Empat huruf pertama tiap kata cukup; keliru satu huruf kami betulkan."),
    )


class MessageForm(Form):
    """A text from the reporter to the desk: an answer, a message, an objection, a withdrawal."""

    text = TextAreaField(
        _l("Tulisan Anda"),
        [
            Visible(_l("Tulis dahulu, lalu kirim.")),
            _longest_text(),
        ],
        [_stripped],
    )
    threatened = BooleanField(_l("Saya merasa terancam"), description=_l("Petugas mendahulukan laporan Anda."))
    # Whether the files that come with it are wanted as they are (macros/files.html).
    unchanged = BooleanField()


class OpenMessageForm(MessageForm):
    """A message that answers nothing: files alone may be one, and whoever sent neither is told so."""

    text = TextAreaField(
        _l("Tulisan Anda"),
        [Visible(_l("Tulis pesan atau pilih berkas dahulu, lalu kirim.")), _longest_text()],
        [_stripped],
    )


class AccompanyingForm(MessageForm):
    """What comes with files, which may say enough by themselves."""

    text = TextAreaField(_l("Tulisan Anda"), [Optional(), _longest_text()], [_stripped])


class WithdrawalForm(MessageForm):
    """A withdrawal may give its reason or not."""

    text = TextAreaField(
        _l("Alasan Anda (boleh dikosongkan)"),
        [Optional(), _longest_text()],
        [_stripped],
    )
