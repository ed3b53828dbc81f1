"""The reporter's pages. With JavaScript they are sealed and opened in the browser, without it here, in memory."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from complaints import visits
from complaints.arriving import Arrivals, receive
from complaints.envelopes import Malformed, read_hex
from complaints.forms import AccompanyingForm, ComplaintForm, MessageForm, OpenMessageForm, PhraseForm, WithdrawalForm
from complaints.keepsakes import keepsakes
from complaints.multipart import PostedForm, read_form
from complaints.plain import Letter, PlainReceipt, act_plainly, lodge_plainly, send_plainly
from complaints.queries import Thread, UnknownPhrase, thread_of
from complaints.rules import MOST_FILES
from complaints.status import opened_status, sealed_status
from complaints.wording import TRACES
from kernel import clock
from kernel.database import db
from kernel.i18n import COOKIE as LANGUAGE_COOKIE
from kernel.i18n import gettext as _
from kernel.i18n import language
from kernel.refusal import Conflict, Missing, Refused
from kernel.store_errors import not_kept
from kernel.vault import Busy, PhraseKeys, UnknownWord, WrongCount, canonical, keys_of
from kernel.web import current_province, current_settings, current_stretcher, taking_files, without_secrets

blueprint = Blueprint("complaints", __name__)
log = logging.getLogger(__name__)

# Stands in the kept form where each reader gets a nonce of his own.
NO_NONCE = "0" * 32

ACTS_OF_FORMS = {
    "message_form": {"answer", "message"},
    "objection_form": {"object"},
    "withdrawal_form": {"withdraw"},
}
FORMS = {"message_form": MessageForm, "objection_form": MessageForm, "withdrawal_form": WithdrawalForm}
Action = Callable[[Thread], str]
# Members of a sealed envelope: with plain answers beside them nobody could tell which path a complaint took.
SEALED_MEMBERS = frozenset({"account", "body", "keys", "kem", "ledger_key", "lookup"})


@blueprint.get("/")
@without_secrets
def home() -> ResponseReturnValue:
    """Show what this is, and the two ways in."""
    return render_template("complaints/home.html")


@blueprint.get("/bantuan")
@without_secrets
def help() -> ResponseReturnValue:
    """Show how it works, who reads what, and where else to turn."""
    return render_template("complaints/help.html", province=current_province())


@blueprint.get("/installation.js")
@without_secrets
def installation() -> ResponseReturnValue:
    """Serve what a browser pins of this installation: the root's public key, the salt of phrases, the floors."""
    settings, floors = current_settings(), json.dumps(current_province().floors, sort_keys=True)
    root = settings.root_key.hex() if settings.root_key else ""
    lines = [f'export const ROOT = "{root}";', f'export const SALT = "{settings.salt.hex()}";']
    return Response("\n".join([*lines, f"export const FLOORS = {floors};", ""]), mimetype="text/javascript")


@blueprint.get("/lapor")
@without_secrets
def lodge() -> ResponseReturnValue:
    """Show the complaint's form: kept for the day, since only the nonce differs from one reader to the next."""
    pages: dict[str, tuple[date, str]] = current_app.extensions.setdefault("kentongan.blank_form", {})
    today = clock.today()
    day, page = pages.get(language(), (None, ""))
    if day != today:
        page = _lodging_page(ComplaintForm(province=current_province(), nonce=NO_NONCE))
        pages[language()] = (today, page)
    return page.replace(NO_NONCE, secrets.token_hex(16))


@blueprint.post("/lapor")
@taking_files
def lodge_plain() -> ResponseReturnValue:
    """Seal and lodge a complaint posted without JavaScript, then its files; the answer shows the phrase, once."""
    posted = _posted()
    form = ComplaintForm(posted.fields, province=current_province())
    if SEALED_MEMBERS & posted.fields.keys():
        raise Malformed
    if not form.validate():
        return _came_back(form, posted), 422
    if form.traces() and not form.seen_traces.data:
        return _came_back(form, posted, found=form.traces()), 422
    return _lodged(form, posted)


def _posted() -> PostedForm:
    return read_form(request, MOST_FILES * current_settings().largest_file)


def _came_back(form: ComplaintForm, posted: PostedForm, **more: Any) -> str:
    posted.let_go()
    return _lodging_page(form, lost=posted.had_files, **more)


def _lodged(form: ComplaintForm, posted: PostedForm) -> ResponseReturnValue:
    try:
        lodged = lodge_plainly(form.account(), form.label(), form.threat(), bytes.fromhex(form.nonce.data or ""))
    except (Busy, Refused) as refused:
        return _came_back(form, posted, problem=_sentence(refused)), getattr(refused, "status", 503)
    except Exception:
        # Whatever it was: what he wrote is his, and the same form sent again is lodged once.
        log.exception("A complaint could not be lodged")
        return _came_back(form, posted, problem=_still_here()), 503
    return _receipt(lodged, _followed(lodged, posted, form.unchanged.data)), 201


def _followed(lodged: PlainReceipt, posted: PostedForm, unchanged: bool) -> Arrivals:
    """Send the files that come with a complaint, which stands whatever becomes of them."""
    arrivals = Arrivals()
    if posted.has_files:
        arrivals = receive(posted, lodged.complaint, unchanged)
    if arrivals.arrived:
        try:
            send_plainly(lodged.keys, Letter(lambda _thread: "message"), arrivals)
        except Refused as refused:
            arrivals.leave_all_out(refused.sentence)
        except Exception:
            # Whatever it was: the complaint was lodged before, in a transaction of its own, and its phrase is shown.
            log.exception("Files could not be sent with their complaint")
            arrivals.leave_all_out(not_kept())
    return arrivals


def _sentence(refused: Exception) -> str:
    if isinstance(refused, Refused):
        return refused.sentence
    return _("Sedang banyak yang mengirim. Tulisan Anda masih di sini; kirim lagi sebentar lagi.")


def _still_here() -> str:
    return _("Ada yang salah di pihak kami. Tulisan Anda masih di sini; kirim lagi sebentar lagi.")


def _lodging_page(form: ComplaintForm, **more: Any) -> str:
    return render_template("complaints/lodge.html", form=form, words=TRACES, today=clock.today(), **more)


def _receipt(lodged: PlainReceipt, arrivals: Arrivals) -> str:
    phrase, mark = lodged.phrase.split(), lodged.receipt.entry.hex()[:20]
    told = {"promise": lodged.receipt.promise, "until": lodged.receipt.until, "arrivals": arrivals}
    return render_template("complaints/receipt.html", phrase=phrase, mark=mark, plain=True, **told)


@blueprint.get("/lapor/frasa")
@without_secrets
def receipt() -> ResponseReturnValue:
    """Show the receipt's page without phrase or mark: the browser that sealed the complaint fills them in."""
    return render_template("complaints/receipt.html", phrase=None, mark=None, promise=None, plain=False)


@blueprint.get("/lacak")
def track() -> ResponseReturnValue:
    """Ask for the phrase, or show the case of a visit that is open."""
    keys = _visitor()
    if keys is None:
        return render_template("complaints/track.html", form=PhraseForm(), problem=None)
    return _opened(keys)


@blueprint.post("/lacak")
def find() -> ResponseReturnValue:
    """Find a case by the lookup token a browser derived, or by the phrase itself where there is no JavaScript."""
    if "token" in request.form:
        return _sealed(request.form)
    form = PhraseForm(request.form)
    if not form.validate():
        return render_template("complaints/track.html", form=form, problem=None), 422
    try:
        return _begin_visit(canonical(form.phrase.data or ""))
    except (UnknownWord, WrongCount, UnknownPhrase, Busy) as failure:
        status = 503 if isinstance(failure, Busy) else 422
        return render_template("complaints/track.html", form=form, problem=_phrase_problem(failure)), status


def _begin_visit(phrase: str) -> ResponseReturnValue:
    phrase_key = current_stretcher().stretch(phrase, current_settings().salt)
    thread_of(_lookup_hash(keys_of(phrase_key)))
    response = make_response(redirect(url_for("complaints.track"), 303))
    token = visits.begin(phrase_key)
    response.set_cookie(visits.COOKIE, token, secure=True, httponly=True, samesite="Strict", path="/")
    return response


def _phrase_problem(failure: Exception) -> str:
    if isinstance(failure, UnknownWord):
        return _unknown_word(failure)
    if isinstance(failure, WrongCount):
        return _("Frasa laporan terdiri dari delapan kata; yang Anda tulis %(found)d kata.") % {"found": failure.found}
    return _sentence(failure)


def _unknown_word(unknown: UnknownWord) -> str:
    values = {"position": unknown.position, "typed": unknown.typed, "candidates": ", ".join(unknown.candidates)}
    if unknown.candidates:
        return _("Kata ke-%(position)d, “%(typed)s”, tidak ada di daftar. Mungkin: %(candidates)s?") % values
    return _("Kata ke-%(position)d, “%(typed)s”, tidak ada di daftar. Periksa lagi catatan Anda.") % values


def _sealed(posted: Any) -> ResponseReturnValue:
    thread = thread_of(hashlib.sha256(read_hex(posted["token"], 32)).digest())
    return _status_page(sealed_status(thread, "account" in posted, current_province()), plain=False)


def _opened(keys: PhraseKeys, *, with_account: bool = False, **told: Any) -> str:
    thread = thread_of(_lookup_hash(keys))
    return _status_page(opened_status(thread, keys, with_account, current_province()), plain=True, **told)


def _status_page(view: Any, plain: bool, **told: Any) -> str:
    # A form that came back and is not offered any more: what was written in it is shown all the same.
    forms = {name: form for name, form in told.items() if name in FORMS}
    kept = next((form for name, form in forms.items() if not ACTS_OF_FORMS[name] & view.may), None)
    empty = {
        "message_form": OpenMessageForm() if "message" in view.may else MessageForm(),
        "objection_form": MessageForm(prefix="keberatan-"),
        "withdrawal_form": WithdrawalForm(prefix="cabut-"),
        "lost": frozenset(),
        "keepsakes": None,
    }
    return render_template("complaints/status.html", view=view, plain=plain, kept=kept, **(empty | told))


@blueprint.post("/lacak/laporan")
def account() -> ResponseReturnValue:
    """Show the original account again, since the reporter asked for it."""
    keys = _visitor()
    return _opened(keys, with_account=True) if keys else redirect(url_for("complaints.track"), 303)


@blueprint.post("/lacak/bukti")
def proof() -> ResponseReturnValue:
    """Show what can be kept of each step's proof, since the reporter asked for it."""
    keys = _visitor()
    return _opened(keys, keepsakes=keepsakes(keys)) if keys else redirect(url_for("complaints.track"), 303)


@blueprint.get("/lacak/bukti/<name>")
def keepsake(name: str) -> ResponseReturnValue:
    """Give one of these files, to be kept."""
    keys = _visitor()
    if keys is None:
        return redirect(url_for("complaints.track"), 303)
    files = {each: text for step in keepsakes(keys) for each, text in step.files.items()}
    if name not in files:
        raise Missing(_("Berkas ini tidak ada."))
    return Response(
        files[name], mimetype="text/plain", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@blueprint.post("/lacak/kirim")
@taking_files
def write() -> ResponseReturnValue:
    """Send an answer while a question waits, else a message, which files may be enough for."""
    return _act("message_form", "", lambda thread: "answer" if thread.resumes else "message")


@blueprint.post("/lacak/keberatan")
@taking_files
def object_() -> ResponseReturnValue:
    """Object to how the case was closed."""
    return _act("objection_form", "keberatan-", lambda thread: "object")


@blueprint.post("/lacak/cabut")
def withdraw() -> ResponseReturnValue:
    """Ask that the complaint be withdrawn; a reviewer closes it."""
    return _act("withdrawal_form", "cabut-", lambda thread: "withdraw")


def _act(name: str, prefix: str, action: Action) -> ResponseReturnValue:
    posted = _posted()
    said = FORMS[name](posted.fields, prefix=prefix)
    try:
        keys = _visitor()
        if keys is None:
            return _set_aside(said, posted, _too_late()), 401
        return _acted(keys, name, prefix, action, posted)
    except Refused:
        raise
    except Exception:
        # Whatever it was: not even his page can be shown, but what he wrote is his.
        log.exception("A reporter's page could not be shown after he had written")
        return _set_aside(said, posted, _unforeseen()), 503


def _acted(keys: PhraseKeys, name: str, prefix: str, action: Action, posted: PostedForm) -> ResponseReturnValue:
    thread = thread_of(_lookup_hash(keys))
    form = _form_of(name, action(thread), posted.has_files)(posted.fields, prefix=prefix)
    if not form.validate():
        return _with_form(keys, name, form, posted), 422
    arrivals = Arrivals()
    try:
        arrivals = _written(thread, keys, form, posted, action)
    except Refused as refused:
        form.text.errors = [refused.sentence]
        return _with_form(keys, name, form, posted), refused.status
    except Exception:
        log.exception("What a reporter wrote could not be sent")
        # After a statement that was refused PostgreSQL reads nothing more in the same transaction.
        db.session.rollback()
        form.text.errors = [_unforeseen()]
        return _with_form(keys, name, form, posted), 503
    if arrivals.left_out:
        return _opened(keys, arrivals=arrivals)
    return redirect(url_for("complaints.track"), 303)


def _form_of(name: str, action: str, has_files: bool) -> type[MessageForm]:
    if action != "message":
        return FORMS[name]
    return AccompanyingForm if has_files else OpenMessageForm


def _written(
    thread: Thread, keys: PhraseKeys, form: MessageForm, posted: PostedForm, action: Action
) -> Arrivals:
    """Send what a form says, and the files that come with it; return what became of these."""
    text, threatened = form.text.data or "", form.threatened.data
    if thread.is_erased:
        raise Conflict(_("Isi laporan ini sudah dihapus sesuai masa simpan; tidak ada lagi yang dapat dikirim."))
    if not posted.has_files:
        act_plainly(thread, keys, action(thread), text, threatened)
        return Arrivals()
    arrivals = receive(posted, thread.complaint, form.unchanged.data)
    if arrivals.arrived or text:
        send_plainly(keys, Letter(action, text, threatened), arrivals)
    return arrivals


def _too_late() -> str:
    return _("Kunjungan Anda sudah berakhir. Tulis frasa laporan Anda lagi; tulisan Anda ada di bawah ini.")


def _unforeseen() -> str:
    # It may have been kept all the same: an error can come after that, too.
    return _("Ada yang salah di pihak kami. Kalau kiriman ini belum ada di laporan Anda, kirim lagi sebentar lagi.")


def _set_aside(form: MessageForm, posted: PostedForm, sentence: str) -> str:
    """Show what was written, to be copied, where the reporter comes in again."""
    posted.let_go()
    return render_template("complaints/track.html", form=PhraseForm(), problem=sentence, kept=form.text.data)


def _with_form(keys: PhraseKeys, name: str, form: MessageForm, posted: PostedForm) -> str:
    lost = {name} if posted.had_files else frozenset()
    posted.let_go()
    forms: dict[str, Any] = {name: form}
    return _opened(keys, lost=lost, **forms)


def _visitor() -> PhraseKeys | None:
    phrase_key = visits.phrase_key_of(request.cookies.get(visits.COOKIE))
    return keys_of(phrase_key) if phrase_key else None


def _lookup_hash(keys: PhraseKeys) -> bytes:
    return hashlib.sha256(keys.lookup_token).digest()


@blueprint.post("/keluar")
def leave() -> ResponseReturnValue:
    """Forget the visit and go to a page that tells nothing."""
    visits.end(request.cookies.get(visits.COOKIE))
    response = make_response(render_template("complaints/leave.html"))
    for cookie in (visits.COOKIE, LANGUAGE_COOKIE):
        response.delete_cookie(cookie, secure=True, httponly=True, samesite="Strict", path="/")
    response.headers["Clear-Site-Data"] = '"storage"'
    return response
