"""Where a request may come from, what may be compressed, and how a refusal is shown: alone, without any room."""

import gzip
from io import BytesIO
from typing import Any

import pytest
from flask import Flask, jsonify, request, url_for
from werkzeug.test import TestResponse, create_environ, run_wsgi_app
from werkzeug.wrappers import Request

from kernel.i18n import gettext as _
from kernel.i18n import init_i18n
from kernel.refusal import Conflict, Forbidden, Missing, Overloaded, Refused
from kernel.web import LARGEST_REQUEST, SMALLEST_COMPRESSED, init_web, is_foreign, taking_files, without_secrets

HOST = "https://kentongan.example"
LONG = "kentongan " * SMALLEST_COMPRESSED


@pytest.fixture
def web() -> Flask:
    """An application of nothing but its web layer and a few views."""
    app = Flask("kentongan")
    init_i18n(app)
    init_web(app)
    app.add_url_rule("/api/terbuka", "open", without_secrets(lambda: LONG), methods=["GET", "POST"])
    app.add_url_rule("/api/rahasia", "secret", lambda: LONG)
    app.add_url_rule("/api/pendek", "short", without_secrets(lambda: "x" * (SMALLEST_COMPRESSED - 1)))
    app.add_url_rule("/api/gema", "echo", lambda: jsonify(request.get_json()), methods=["POST"])
    app.add_url_rule("/api/sendiri", "own", lambda: ("", {"Content-Security-Policy": "default-src 'self'"}))
    app.add_url_rule("/api/nama/<name>", "name", lambda name: name)
    app.add_url_rule("/api/lemari/", "shelf", lambda: "")
    app.add_url_rule("/api/seluruhnya", "whole", lambda: f"{request.host_url} {url_for('open', _external=True)}")
    app.add_url_rule("/api/berkas", "files", taking_files(lambda: str(len(request.stream.read()))), methods=["POST"])
    app.add_url_rule("/api/lupa", "forgets", taking_files(lambda: str(request.form)), methods=["POST"])
    app.add_url_rule("/api/tolak/<int:which>", "refuse", refuse)
    return app


def refuse(which: int) -> str:
    """Refuse in one of the ways there are."""
    raise (Refused, Conflict, Forbidden, Missing, Overloaded)[which](_("Belum bisa."))


# Sec-Fetch-Site, Origin, whether a cookie comes along → foreign. The first that is there decides.
TRUTH = [
    ("same-origin", None, True, False),
    ("none", None, True, False),
    ("same-site", None, False, True),
    ("cross-site", None, False, True),
    ("", None, False, True),
    ("SAME-ORIGIN", None, False, True),
    ("same-origin", "https://example.org", True, False),
    ("cross-site", HOST, True, True),
    (None, HOST, True, False),
    (None, HOST + ":443", True, True),
    (None, HOST + ":8443", False, True),
    (None, "https://example.org", False, True),
    (None, "https://kentongan.example.org", False, True),
    (None, "https://evil.kentongan.example", False, True),
    (None, "https://kentongan.example@example.org", False, True),
    (None, "kentongan.example", False, True),
    (None, "null", False, True),
    (None, "", False, True),
    (None, "https://[half", False, True),
    (None, None, True, True),
    (None, None, False, False),
]


@pytest.mark.parametrize(("site", "origin", "cookie", "foreign"), TRUTH)
def test_a_request_is_foreign_by_the_first_sign_it_carries(
    web: Flask, site: str | None, origin: str | None, cookie: bool, foreign: bool
) -> None:
    signs = {"Sec-Fetch-Site": site, "Origin": origin, "Cookie": "a=b" if cookie else None}
    headers = {name: value for name, value in signs.items() if value is not None}
    with web.test_request_context("/", method="POST", base_url=HOST, headers=headers):
        assert is_foreign(request) is foreign


@pytest.mark.parametrize(("ours", "origin", "foreign"), [
    ("https://localhost", "https://localhost", False),
    ("https://localhost", "http://localhost", True),
    ("http://localhost", "http://localhost", False),
    # Behind a proxy that does not say that it speaks HTTPS.
    ("http://localhost", "https://localhost", False),
])  # fmt: skip
def test_a_page_of_ours_that_came_unprotected_changes_nothing_over_https(
    web: Flask, ours: str, origin: str, foreign: bool
) -> None:
    with web.test_request_context("/", base_url=ours, method="POST", headers={"Origin": origin}):
        assert is_foreign(request) is foreign


@pytest.mark.parametrize(("site", "origin", "cookie", "foreign"), TRUTH)
def test_a_foreign_request_that_would_change_something_is_refused(
    web: Flask, site: str | None, origin: str | None, cookie: bool, foreign: bool
) -> None:
    signs = {"Sec-Fetch-Site": site, "Origin": origin, "Cookie": "a=b" if cookie else None}
    headers = {name: value for name, value in signs.items() if value is not None}
    answer = web.test_client(use_cookies=False).post("/api/terbuka", base_url=HOST, headers=headers)
    assert answer.status_code == (403 if foreign else 200)


def test_an_empty_host_makes_no_origin_ours(web: Flask) -> None:
    with web.test_request_context("/api/terbuka", method="POST", headers={"Host": "", "Origin": "null"}):
        assert is_foreign(request)


NOBODYS = [
    "", " ", ":", ":443", ":443:443", "@x", "x@localhost", "a b", "a,b", "localhost, localhost", "localhost:0",
    "localhost:99999", "localhost:x", "localhost/", "localhost\\x", "localhost?", "localhost#", "_x", "%41", "\xe9",
    "*", ".", "a..b", ".a", "x" * 64, "[::1", "::1", "[::1]x", "[1::2::3]", "[:::::]", "xn--a", "xn--a.example",
]  # fmt: skip
SOMEBODYS = [
    "localhost", "LOCALHOST", "localhost:443", "localhost:8443", "a.", "127.0.0.1:8000", "[::1]", "[::1]:8000",
    "xn--bcher-kva.example",
]  # fmt: skip


def asked_with_host(web: Flask, host: str, path: str, method: str = "GET") -> TestResponse:
    """Ask for a path as it stands."""
    return sent(web, create_environ("/", HOST, method=method) | {"HTTP_HOST": host, "PATH_INFO": path})


def sent(web: Flask, environ: dict[str, Any]) -> TestResponse:
    """Send this and nothing else: a test client would read the host itself."""
    return TestResponse(*run_wsgi_app(web, environ, buffered=True), request=Request(environ))


@pytest.mark.parametrize("path", ["/api/terbuka", "/api/nama//x", "/api/seluruhnya", "/api/tidak-ada", "/tidak-ada"])
@pytest.mark.parametrize("host", NOBODYS)
def test_a_host_that_no_address_can_have_is_refused_and_leads_nowhere(web: Flask, host: str, path: str) -> None:
    for method in ("GET", "HEAD", "POST", "PROPFIND"):
        answer = asked_with_host(web, host, path, method)
        assert answer.status_code == 400 and "Location" not in answer.headers
    assert "Alamat situs ini tidak dapat dibaca." in asked_with_host(web, host, path).text


@pytest.mark.parametrize("host", SOMEBODYS)
def test_any_other_host_is_answered(web: Flask, host: str) -> None:
    assert asked_with_host(web, host, "/api/terbuka").status_code == 200
    assert host.lower().removesuffix(":443") in asked_with_host(web, host, "/api/seluruhnya").text.lower()


@pytest.mark.parametrize("host", SOMEBODYS)
@pytest.mark.parametrize(("path", "way"), [
    ("/api/nama//x", "/api/nama/x"), ("/api/lemari", "/api/lemari/"), ("//api//lemari/", "/api/lemari/"),
    ("/api//nama/\\lain.example", "/api/nama/%5Clain.example"),
])  # fmt: skip
def test_an_address_spelled_otherwise_leads_on_and_names_no_host(web: Flask, host: str, path: str, way: str) -> None:
    asked = {"HTTP_HOST": host, "PATH_INFO": path, "QUERY_STRING": "b=//c"}
    answer = sent(web, create_environ("/", HOST) | asked)
    assert (answer.status_code, answer.headers["Location"]) == (308, f"{way}?b=//c")
    assert host not in answer.text


@pytest.mark.parametrize(("protocol", "status"), [("HTTP/1.0", 200), ("HTTP/1.1", 400)])
def test_only_http_1_0_names_no_host_at_all(web: Flask, protocol: str, status: int) -> None:
    environ = create_environ("/api/terbuka", HOST) | {"SERVER_PROTOCOL": protocol}
    del environ["HTTP_HOST"]
    assert sent(web, environ).status_code == status


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_foreign_request_that_changes_nothing_passes(web: Flask, method: str) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Cookie": "a=b"}
    assert web.test_client().open("/api/terbuka", method=method, headers=headers).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"])
def test_a_foreign_request_of_any_other_method_is_refused(web: Flask, method: str) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert web.test_client().open("/api/terbuka", method=method, headers=headers).status_code == 403


ACCEPTED = ["gzip", "gzip, deflate, br", "br;q=1, gzip;q=0.5", "*"]
NOT_ACCEPTED = ["", "identity", "br", "gzip;q=0", "deflate"]


@pytest.mark.parametrize("accepted", ACCEPTED)
def test_what_is_marked_is_compressed_where_that_is_taken(web: Flask, accepted: str) -> None:
    answer = web.test_client().get("/api/terbuka", headers={"Accept-Encoding": accepted})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data).decode() == LONG
    assert int(answer.headers["Content-Length"]) == len(answer.data)


@pytest.mark.parametrize("accepted", NOT_ACCEPTED)
def test_what_is_marked_leaves_as_it_is_where_that_is_not_taken(web: Flask, accepted: str) -> None:
    answer = web.test_client().get("/api/terbuka", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers and answer.text == LONG


@pytest.mark.parametrize("path", ["/api/rahasia", "/api/pendek", "/api/tidak-ada"])
def test_what_is_not_marked_or_small_is_never_compressed(web: Flask, path: str) -> None:
    assert "Content-Encoding" not in web.test_client().get(path, headers={"Accept-Encoding": "gzip"}).headers


def test_the_mark_of_one_answer_does_not_reach_the_next(web: Flask) -> None:
    client = web.test_client()
    client.get("/api/terbuka", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in client.get("/api/rahasia", headers={"Accept-Encoding": "gzip"}).headers


def test_the_same_answer_is_compressed_to_the_same_bytes(web: Flask) -> None:
    client = web.test_client()
    first, second = (client.get("/api/terbuka", headers={"Accept-Encoding": "gzip"}).data for _ in range(2))
    assert first == second


def test_a_view_may_have_a_policy_of_its_own(web: Flask) -> None:
    answer = web.test_client().get("/api/sendiri")
    assert answer.headers.getlist("Content-Security-Policy") == ["default-src 'self'"]


@pytest.mark.parametrize(("which", "status"), list(enumerate([422, 409, 403, 404, 503])))
def test_a_refusal_is_its_sentence_and_status(web: Flask, which: int, status: int) -> None:
    answer = web.test_client().get(f"/api/tolak/{which}")
    assert (answer.status_code, answer.json) == (status, {"error": "Belum bisa."})
    assert ("Retry-After" in answer.headers) == (status == 503)


def test_what_is_larger_than_we_read_is_refused(web: Flask) -> None:
    largest = "1" * LARGEST_REQUEST
    for content, status in ((f"[{largest[:4000]}]", 200), (f"{largest}1", 413)):
        answer = web.test_client().post("/api/gema", data=content, content_type="application/json")
        assert answer.status_code == status


@pytest.mark.parametrize("path", ["/api/terbuka", "/api/tidak-ada"])
def test_a_file_is_refused_wherever_it_is_sent(web: Flask, path: str) -> None:
    answer = web.test_client().post(path, data={"text": (BytesIO(b"kenari"), "kenari")})
    assert (answer.status_code, answer.json) == (415, {"error": "Bentuk kiriman ini tidak dikenal."})


@pytest.mark.parametrize(("path", "status"), [("/api/berkas", 200), ("/api/lupa", 415)])
def test_a_file_reaches_only_who_reads_it_as_it_comes(web: Flask, path: str, status: int) -> None:
    # Where such a view forgot itself, nothing would be written down either.
    answer = web.test_client().post(path, data={"text": (BytesIO(b"kenari" * 100_000), "kenari")})
    assert answer.status_code == status and (status != 200 or int(answer.text) > 600_000)


@pytest.mark.parametrize("path", ["/api/gema", "/api/tidak-ada"])
def test_what_comes_in_chunks_is_refused(web: Flask, path: str) -> None:
    answer = web.test_client().post(path, json=[], headers={"Transfer-Encoding": "chunked"})
    assert (answer.status_code, answer.json) == (411, {"error": "Bentuk kiriman ini tidak dikenal."})


@pytest.mark.parametrize("content", ["", "{", "[" * 100_000, '{"a":' * 100_000, "9" * 5000, b"\xff"])
def test_what_cannot_be_read_as_json_is_refused(web: Flask, content: str | bytes) -> None:
    answer = web.test_client().post("/api/gema", data=content, content_type="application/json")
    assert answer.status_code == 400 and answer.json is not None and answer.json.keys() == {"error"}


def test_json_that_can_be_read_is(web: Flask) -> None:
    deep: list[object] = []
    for _turn in range(100):
        deep = [deep]
    assert web.test_client().post("/api/gema", json=deep).json == deep


def test_an_address_with_nul_in_it_is_nowhere(web: Flask) -> None:
    assert web.test_client().get("/api/nama/kata").status_code == 200
    assert web.test_client().get("/api/nama/ka%00ta").status_code == 404
    assert web.test_client().get("/api/nama/kata?cari=%00").status_code == 404
