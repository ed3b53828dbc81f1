"""The administrator's form for what was decreed about a day."""

from __future__ import annotations

from datetime import date, timedelta

from wtforms import DateField, Form, RadioField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from complaints.forms import OF_THESE
from kernel import clock
from kernel.i18n import gettext as _
from kernel.i18n import lazy_gettext as _l

LONGEST_NAME = 80
# A decree tells of this year and the next; one of long ago would change nothing that still runs.
EARLIEST, LATEST = timedelta(days=92), timedelta(days=731)
HOLIDAY, WORKED = "holiday", "worked"


def _stripped(value: str | None) -> str:
    return (value or "").strip()


class DayField(DateField):
    """A day as browsers send it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day; what is none is said in the reader's language."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Tanggal ini tidak dapat dibaca. Pilih lagi.")) from None


class DecreeForm(Form):
    """A day, whether it is worked, and what it is called where it is not."""

    day = DayField(_l("Tanggal"), [InputRequired(_l("Tulis tanggalnya."))])
    kind = RadioField(
        _l("Ketetapan"),
        [InputRequired(_l("Pilih salah satu."))],
        choices=[(HOLIDAY, _l("Libur atau cuti bersama")), (WORKED, _l("Tetap hari kerja"))],
        **OF_THESE,
    )
    name = StringField(
        _l("Nama hari libur"),
        [Length(max=LONGEST_NAME, message=_l("Nama paling banyak %(max)d huruf."))],
        [_stripped],
        _l("Seperti dalam surat keputusannya; kosongkan untuk hari kerja."),
    )

    def validate_day(self, field: DayField) -> None:
        """Refuse a day so far away that it must be a slip."""
        today = clock.today()
        if field.data and not today - EARLIEST <= field.data <= today + LATEST:
            raise ValidationError(_l("Tanggal ini terlalu jauh. Periksa tahunnya."))

    def validate_name(self, field: StringField) -> None:
        """Ask for a holiday's name, and for one that can be read."""
        if self.kind.data == HOLIDAY and not field.data:
            raise ValidationError(_l("Tulis nama hari liburnya."))
        if not (field.data or "").isprintable():
            raise ValidationError(_l("Nama ini berisi tanda yang tidak tampak. Ketik ulang."))

    def decreed_day(self) -> date:
        """Return the day of a form that has been found right."""
        if self.day.data is None:
            raise LookupError("the form has not been validated")
        return self.day.data

    def decreed_name(self) -> str:
        """Return the name as it is kept: empty for a day that is worked."""
        return (self.name.data or "") if self.kind.data == HOLIDAY else ""
