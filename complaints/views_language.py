"""The choice of a language, on every page: kept in a cookie that ends with the browser, or with "Keluar cepat"."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RoutingException

from complaints.forms import ComplaintForm
from complaints.wording import TRACES
from kernel import clock
from kernel.i18n import COOKIE, DEFAULT_LANGUAGE, LANGUAGES, speak
from kernel.web import current_province

blueprint = Blueprint("language", __name__)


@blueprint.post("/bahasa")
def choose() -> ResponseReturnValue:
    """Keep the language chosen, and go back to the page it was chosen on."""
    return _keeping(_chosen(), redirect(_page_of(request.form.get("kembali", "")), 303))


@blueprint.post("/lapor/bahasa")
def lodging() -> ResponseReturnValue:
    """Show the complaint's form in another language, with what was written in it so far: without JavaScript."""
    chosen = _chosen()
    speak(chosen)
    form = ComplaintForm(request.form, province=current_province())
    # Of files that were chosen only their names came along, and no page can keep more of them.
    lost = bool(request.form.get("berkas"))
    page = render_template("complaints/lodge.html", form=form, words=TRACES, today=clock.today(), lost=lost)
    return _keeping(chosen, make_response(page))


def _chosen() -> str:
    chosen = request.form.get("bahasa", "")
    return chosen if chosen in LANGUAGES else abort(400)


def _keeping(chosen: str, response: Response | ResponseReturnValue) -> Response:
    """Keep ``chosen``; the default needs no cookie."""
    answer = make_response(response)
    if chosen == DEFAULT_LANGUAGE:
        answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Strict", path="/")
    else:
        answer.set_cookie(COOKIE, chosen, secure=True, httponly=True, samesite="Strict", path="/")
    return answer


def _page_of(address: str) -> str:
    """Return the page of our own at ``address``, or the nearest above it: what was posted cannot be asked for again."""
    parts = _parts(address)
    for at, path in enumerate(_upwards(parts[0])):
        if _is_page(path):
            return quote(path) + (f"?{quote(parts[1], safe='=&%+')}" if parts[1] and at == 0 else "")
    return "/"


def _parts(address: str) -> tuple[str, str]:
    try:
        split = urlsplit(address)
    except ValueError:  # half an IPv6 address
        return "/", ""
    return split.path, split.query


def _upwards(path: str) -> Iterator[str]:
    while path.startswith("/") and path != "/":
        yield path
        path = path.rpartition("/")[0]
        yield f"{path}/"


def _is_page(path: str) -> bool:
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except (HTTPException, RoutingException):
        return False
    return True
