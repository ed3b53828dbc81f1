"""What every answer has in common: headers, where a request may come from, and how a refusal is shown."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import wraps
from typing import IO, Any, ParamSpec, cast
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Request, Response, abort, current_app, g, jsonify, make_response, render_template, request
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadHost, HTTPException
from werkzeug.routing import RequestRedirect

from kernel.config import Settings
from kernel.i18n import gettext as _
from kernel.province import Province
from kernel.refusal import Refused
from kernel.vault import Stretcher

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
TRUSTED_TYPES = {"require-trusted-types-for": "'script'", "trusted-types": "kentongan"}
LARGEST_REQUEST = 1024 * 1024
SMALLEST_COMPRESSED = 500
# What has no other type: a file's sealed chunks.
OCTETS = "application/octet-stream"
SECONDS_UNTIL_LESS_BUSY = 5
P = ParamSpec("P")


class ForeignOrigin(Refused):
    """A request that changes something came from a page that is not ours."""

    status = 403


class NobodysHost(Refused):
    """A request names a host that no address can have, or none."""

    status = 400


class Unspooled(Request):
    """A request of which nothing is written down: of a form with files, only a view that reads it as it comes knows.

    Werkzeug's own reading puts a file on the disk, in the clear, once it is larger than 500 KB.
    """

    def _get_file_stream(self, *_told: Any, **_named: Any) -> IO[bytes]:
        abort(415)


class ShallowJSON(DefaultJSONProvider):
    """JSON whose nesting a reader can follow: deeper is as unreadable as broken."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read JSON; raises ``ValueError`` where it is none or nested too deep."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise ValueError from None


def init_web(app: Flask) -> None:
    """Give every answer its headers, every request its check of origin, and every refusal its page."""
    app.json = ShallowJSON(app)
    app.request_class = Unspooled
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_REQUEST
    app.before_request(_refuse_nobodys_host)
    app.before_request(_lead_on_at_this_host)
    app.before_request(_refuse_foreign_origin)
    app.before_request(_refuse_impossible_address)
    app.before_request(_refuse_unreadable_body)
    app.after_request(_add_headers)
    app.after_request(_compress)
    app.register_error_handler(Refused, _show_refusal)
    app.register_error_handler(HTTPException, _show_http_error)


def without_secrets(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Mark a view whose answers hold nothing secret, so that they may be compressed.

    Everything else leaves uncompressed: the size of a compressed page tells of what stands beside a guess (BREACH).
    """

    @wraps(view)
    def marked(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        g.without_secrets = True
        return view(*args, **kwargs)

    return marked


def taking_files(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Mark a view that reads a form with files itself, as it arrives: no other is asked with one."""
    vars(view)["takes_files"] = True
    return view


def is_multipart(asked: Request) -> bool:
    """Tell whether what is posted is a form of the kind that may hold files."""
    return asked.mimetype == "multipart/form-data"


def with_frame(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Mark a view whose page, when it is shown, may hold a frame of ours."""

    @wraps(view)
    def marked(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        answer = view(*args, **kwargs)
        g.with_frame = True
        return answer

    return marked


def current_settings() -> Settings:
    """Return the settings of the running installation."""
    return cast(Settings, current_app.extensions["kentongan.settings"])


def current_province() -> Province:
    """Return the province this installation serves."""
    return cast(Province, current_app.extensions["kentongan.province"])


def current_stretcher() -> Stretcher:
    """Return the one thread of this process that runs Argon2id."""
    return cast(Stretcher, current_app.extensions["kentongan.stretcher"])


def wants_json(asked: Request) -> bool:
    """Tell whether the answer is read by a program: an API address, a body that was JSON, or plain bytes either way."""
    bytes_pass = OCTETS == asked.mimetype or OCTETS in asked.accept_mimetypes.values()
    return asked.path.startswith("/api/") or asked.is_json or bytes_pass


def is_foreign(asked: Request) -> bool:
    """Tell whether a browser made this request for another site's page.

    Fetch Metadata where the browser sends it, else Origin against Host; a request with neither comes from no browser
    that could carry somebody's cookie across sites, unless it brings one, and then it is refused (ADR 0002).
    """
    site = asked.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = asked.headers.get("Origin")
    if origin is not None:
        return _host_of(origin) != asked.host or _is_unprotected(origin, asked)
    return bool(asked.cookies)


def _is_unprotected(origin: str, asked: Request) -> bool:
    """Tell whether a page that anybody on the way could have written posts to us over HTTPS, be it in our own name."""
    return asked.is_secure and not origin.startswith("https:")


def _host_of(origin: str) -> str | None:
    """Return the host and port an origin names; ``None`` for ``null`` and for what is no origin."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:  # half an IPv6 address
        return None


def names_nobody(asked: Request) -> bool:
    """Tell whether ``Host`` is one that no address can have, or is left out where HTTP/1.1 wants it (RFC 9112, 3.2).

    Werkzeug makes nothing of such a host and goes on: a way on would lead to ``https:///petugas/``, which browsers read
    as a host named petugas. Of what only looks like a name it fails, once somebody asks for the whole address.
    """
    unnamed = "Host" not in asked.headers and asked.environ.get("SERVER_PROTOCOL") != "HTTP/1.0"
    if unnamed or isinstance(asked.routing_exception, BadHost):
        return True
    try:
        return not urlsplit(asked.host_url).hostname
    except ValueError:
        return True


def _refuse_nobodys_host() -> None:
    if names_nobody(request):
        raise NobodysHost(_("Alamat situs ini tidak dapat dibaca. Periksa alamatnya, lalu coba lagi."))


def _lead_on_at_this_host() -> None:
    """Have an address that is spelled otherwise lead on without naming a host, as all that we lead to does.

    Werkzeug names the host that was asked, and HTTP wherever a proxy does not say that it speaks HTTPS.
    """
    way = request.routing_exception
    if isinstance(way, RequestRedirect):
        way.new_url = urlunsplit(("", "", *urlsplit(way.new_url)[2:]))


def _refuse_foreign_origin() -> None:
    if request.method not in SAFE_METHODS and is_foreign(request):
        raise ForeignOrigin(_("Permintaan ini tidak datang dari halaman kami. Muat ulang halaman, lalu coba lagi."))


def _refuse_impossible_address() -> None:
    """Nothing is kept under an address with NUL in it, and PostgreSQL does not even let us look."""
    if "\0" in request.path or b"%00" in request.query_string:
        abort(404)


def _refuse_unreadable_body() -> None:
    """Refuse a body before anything reads it that would be written down, or turn out to be broken, while it is read.

    Werkzeug puts a file that somebody uploads on the disk, in the clear, once it is larger than 500 KB; the few views
    that take files read them otherwise. A body that comes in chunks is broken only where a view meets the broken chunk,
    and would be our error.

    Whoever is refused so still sends: the server reads on, that he may read why (``gunicorn.conf.py``).
    """
    view = current_app.view_functions.get(request.endpoint or "")
    if is_multipart(request) and not getattr(view, "takes_files", False):
        abort(415)
    if "Transfer-Encoding" in request.headers:
        abort(411)


def _policy(path: str) -> str:
    framing = {"frame-src": "'self'"} if g.get("with_frame") else {}
    parts = POLICY | framing | (TRUSTED_TYPES if path.startswith("/petugas") else {})
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _policy(request.path))
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    headers.setdefault("Cache-Control", "no-store")
    language = ", Accept-Language" if request.path.startswith("/api/") else ""
    headers.add("Vary", f"Accept-Encoding, Cookie{language}")
    if response.status_code == 503:
        headers.setdefault("Retry-After", str(SECONDS_UNTIL_LESS_BUSY))
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
    return response


def _compress(response: Response) -> Response:
    small = response.direct_passthrough or len(response.get_data()) < SMALLEST_COMPRESSED
    accepted = request.accept_encodings.best_match(["gzip"])
    if not g.get("without_secrets") or not accepted or small:
        return response
    response.set_data(gzip.compress(response.get_data(), compresslevel=6, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    return response


def _show_refusal(refused: Refused) -> tuple[Response | str, int]:
    return _answer(refused.status, refused.sentence)


def _show_http_error(error: HTTPException) -> Response:
    usual = cast(Response, error.get_response())
    if error.code is None or error.code < 400:
        return usual
    shown = make_response(_answer(error.code, _sentence(error.code)))
    if usual.allow:  # who asked with a method that is not taken learns which are
        shown.allow.update(usual.allow)
    return shown


def _answer(status: int, sentence: str) -> tuple[Response | str, int]:
    if wants_json(request):
        return jsonify(error=sentence), status
    if names_nobody(request):
        # A page's links are made for the host that was asked.
        return Response(sentence, mimetype="text/plain"), status
    return render_template("errors/error.html", status=status, sentence=sentence), status


def _sentence(status: int) -> str:
    unknown = _("Bentuk kiriman ini tidak dikenal.")
    known = {
        400: _("Isian tidak dapat dibaca. Kembali, periksa, lalu kirim lagi."),
        401: _("Silakan masuk lebih dahulu."),
        403: _("Halaman ini bukan untuk Anda."),
        404: _("Halaman ini tidak ada."),
        405: _("Alamat ini tidak menerima permintaan seperti itu."),
        411: unknown,
        413: _("Kiriman terlalu besar. Pendekkan, lalu kirim lagi."),
        415: unknown,
    }
    fallback = _("Ada yang salah di pihak kami. Tulisan Anda belum terkirim; coba lagi sebentar lagi.")
    return str(known.get(status, fallback))
