"""The administrator's form for a new account, what names of accounts look like, and how somebody ends his keys."""

from __future__ import annotations

import re
from typing import Any

from wtforms import BooleanField, Form, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Regexp, ValidationError

from casework.accounts import NewAccount
from casework.logins import KEYLESS
from casework.terms import Role
from complaints.forms import OF_THESE
from kernel.i18n import lazy_gettext as _l
from kernel.province import Province

NAME = r"[a-z0-9]+(?:[._-][a-z0-9]+)*"
LONGEST_NAME = 40
LONGEST_FULL_NAME = 120
NO_DESK = "-"
ROLE_LABELS = {
    Role.LEAD: _l("Kepala meja"),
    Role.INVESTIGATOR: _l("Pemeriksa"),
    Role.REVIEWER: _l("Peninjau"),
    Role.OVERSEER: _l("Pengawas"),
    Role.ADMINISTRATOR: _l("Administrator"),
}


def account_name(typed: str) -> str:
    """Return an account's name as it is kept; nothing for what no account can be called."""
    name = typed.strip().lower()
    return name if len(name) <= LONGEST_NAME and re.fullmatch(NAME, name) else ""


def _stripped(value: str | None) -> str:
    return (value or "").strip()


class AccountForm(Form):
    """Who is invited: a name to log in with, a name to show, a role, and the desk where the role has one."""

    name = StringField(
        _l("Nama akun"),
        [
            DataRequired(_l("Tulis nama akunnya.")),
            Length(max=LONGEST_NAME, message=_l("Nama akun paling banyak %(max)d huruf.")),
            Regexp(rf"{NAME}\Z", message=_l("Pakai huruf kecil dan angka; titik atau tanda hubung di tengah boleh.")),
        ],
        [_stripped],
        _l("Dipakai untuk masuk, misalnya “sri.wahyuni”. Tidak dapat diganti."),
    )
    full_name = StringField(
        _l("Nama lengkap"),
        [
            DataRequired(_l("Tulis nama lengkapnya.")),
            Length(max=LONGEST_FULL_NAME, message=_l("Nama lengkap paling banyak %(max)d huruf.")),
        ],
        [_stripped],
    )
    role = RadioField(_l("Peran"), [InputRequired(_l("Pilih perannya."))], **OF_THESE)
    desk = SelectField(
        _l("Meja"),
        [InputRequired(_l("Pilih mejanya, atau “Tanpa meja”."))],
        description=_l("Pengawas dan administrator tidak bermeja."),
        **OF_THESE,
    )

    def __init__(self, *args: Any, province: Province, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = [(role.value, label) for role, label in ROLE_LABELS.items()]
        desks = [(desk.id, desk.name) for desk in province.desks.values()]
        self.desk.choices = [("", _l("Pilih …")), (NO_DESK, _l("Tanpa meja")), *desks]

    def validate_full_name(self, field: StringField) -> None:
        """Refuse a name that would show as nothing, or turn the line around it."""
        if not (field.data or "").isprintable():
            raise ValidationError(_l("Nama lengkap ini berisi tanda yang tidak tampak. Ketik ulang."))

    def validate_desk(self, field: SelectField) -> None:
        """Roles with keys serve at a desk, the others at none."""
        if self.role.data in KEYLESS and field.data != NO_DESK:
            raise ValidationError(_l("Peran ini tidak bermeja. Pilih “Tanpa meja”."))
        if self.role.data in set(Role) - KEYLESS and field.data == NO_DESK:
            raise ValidationError(_l("Peran ini bermeja. Pilih mejanya."))

    def account(self) -> NewAccount:
        """Return who is invited."""
        desk_id = None if self.desk.data == NO_DESK else self.desk.data
        return NewAccount(str(self.name.data), str(self.full_name.data), Role(self.role.data), desk_id)


class GiveUpForm(Form):
    """An officer says that his keys have leaked, and that he is sure."""

    sure = BooleanField(
        _l("Ya, kunci saya bocor. Akhiri semuanya sekarang."),
        [DataRequired(_l("Kunci Anda belum dihentikan: centang dulu bahwa Anda yakin."))],
    )
