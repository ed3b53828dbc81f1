"""Every address × everybody: one table says which door opens for whom, and no address is without a line in it."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from werkzeug.test import TestResponse

from complaints.rules import LONGEST_TEXT
from tests.house import pages
from tests.house.people import EVERYBODY, Town
from tests.page import Element, Page, page_of
from tests.province import HOST, Province

# 200 201: in. 303: sent on (strangers to the login, the unvouched to their own page). 400 422: in, but what was posted
# is not right. 401: who are you? 403: not for you. 404: nothing you may know of. 423: locked.
TABLE = """
                                         stranger reporter lead investigator reviewer overseer admin unvouched locked
GET  /                                        200      200  200          200      200      200   200       200    200
GET  /bantuan                                 200      200  200          200      200      200   200       200    200
GET  /healthz                                 200      200  200          200      200      200   200       200    200
GET  /readyz                                  200      200  200          200      200      200   200       200    200
GET  /installation.js                         200      200  200          200      200      200   200       200    200
GET  /lapor                                   200      200  200          200      200      200   200       200    200
POST /lapor                                   422      422  422          422      422      422   422       422    422
GET  /lapor/frasa                             200      200  200          200      200      200   200       200    200
GET  /lacak                                   200      200  200          200      200      200   200       200    200
POST /lacak                                   422      422  422          422      422      422   422       422    422
POST /lacak/kirim                             401      422  401          401      401      401   401       401    401
POST /lacak/keberatan                         401      422  401          401      401      401   401       401    401
POST /lacak/cabut                             401      422  401          401      401      401   401       401    401
POST /lacak/laporan                           303      200  303          303      303      303   303       303    303
POST /lacak/bukti                             303      200  303          303      303      303   303       303    303
GET  /lacak/bukti/<name>                      303      404  303          303      303      303   303       303    303
POST /bahasa                                  303      303  303          303      303      303   303       303    303
POST /lapor/bahasa                            200      200  200          200      200      200   200       200    200
GET  /log/checkpoint                          200      200  200          200      200      200   200       200    200
GET  /log/vkey                                200      200  200          200      200      200   200       200    200
GET  /log/bukti                               200      200  200          200      200      200   200       200    200
GET  /log/verify.py                           200      200  200          200      200      200   200       200    200
GET  /log/policy                              200      200  200          200      200      200   200       200    200
GET  /log/tile/<path:path>                    404      404  404          404      404      404   404       404    404
GET  /log/public/<digest>                     404      404  404          404      404      404   404       404    404
POST /keluar                                  200      200  200          200      200      200   200       200    200
GET  /api/v1/desks                            200      200  200          200      200      200   200       200    200
GET  /api/v1/desks/<desk>/key                 200      200  200          200      200      200   200       200    200
GET  /api/v1/openapi.json                     200      200  200          200      200      200   200       200    200
POST /api/v1/complaints                       400      400  400          400      400      400   400       400    400
POST /api/v1/threads/open                     400      400  400          400      400      400   400       400    400
POST /api/v1/threads/history                  400      400  400          400      400      400   400       400    400
POST /api/v1/threads/acts                     400      400  400          400      400      400   400       400    400
POST /api/v1/files                            400      400  400          400      400      400   400       400    400
POST /api/v1/files/remove                     400      400  400          400      400      400   400       400    400
PUT  /api/v1/files/<file>/chunks/<int:first>  400      400  400          400      400      400   400       400    400
GET  /petugas/masuk                           200      200  200          200      200      200   200       200    200
POST /petugas/masuk                           400      400  400          400      400      400   400       400    400
POST /petugas/masuk/garam                     400      400  400          400      400      400   400       400    400
GET  /petugas/aktivasi                        200      200  200          200      200      200   200       200    200
POST /petugas/aktivasi/mulai                  400      400  400          400      400      400   400       400    400
POST /petugas/aktivasi/selesai                400      400  400          400      400      400   400       400    400
GET  /petugas/saya                            303      303  200          200      200      200   200       200    200
POST /petugas/kunci                           401      401  200          200      200      200   200       200    423
POST /petugas/kunci/buka                      401      401  400          400      400      400   400       400    400
POST /petugas/saya/kata-sandi                 401      401  400          400      400      400   400       400    400
POST /petugas/saya/bocor                      401      401  422          422      422      403   403       422    423
POST /petugas/kunci/tutup                     401      401  200          200      200      200   200       200    200
POST /petugas/keluar                          401      401  200          200      200      200   200       200    200
POST /petugas/keluar-semua                    401      401  200          200      200      200   200       200    200
GET  /petugas/                                303      303  200          200      200      200   303       303    423
GET  /petugas/bantu                           303      303  200          200      200      403   403       303    423
POST /petugas/bantu                           401      401  400          400      400      403   403       403    423
GET  /petugas/direktori                       303      303  200          200      200      403   403       303    423
GET  /petugas/perkara/<number>                303      303  200          200      404      200   403       303    423
POST /petugas/perkara/<number>/buka           401      401  200          200      404      403   403       403    423
GET  /petugas/perkara/<number>/keadaan        303      303  200          200      404      403   403       303    423
POST /petugas/perkara/<number>/tindakan       401      401  400          400      400      403   403       403    423
GET  /petugas/pratinjau                       303      303  200          200      200      403   403       303    423
POST /petugas/perkara/<number>/bukti          401      401  400          400      400      403   403       403    423
POST /petugas/perkara/<number>/bukti/periksa  401      401  200          200      404      403   403       403    423
POST /petugas/perkara/<number>/bukti/<file>/buka 401   401  422          422      422      403   403       403    423
POST /petugas/perkara/<number>/bukti/<file>/hapus 401  401  404          404      404      403   403       403    423
GET  /petugas/perkara/<number>/bukti/<file>/<int:first>-<int:last> 303 303 403 403   404      403   403       303    423
PUT  /petugas/perkara/<number>/bukti/<file>/<int:first> 401 401 415      415      415      403   403       403    423
GET  /petugas/orang                           303      303  200          403      403      403   403       303    423
POST /petugas/orang/sahkan                    401      401  400          403      403      403   403       403    423
POST /petugas/orang/cabut                     401      401  400          403      403      403   403       403    423
POST /petugas/orang/kunci-perkara             401      401  400          403      403      403   403       403    423
POST /petugas/orang/kunci-perkara/baru        401      401  400          403      403      403   403       403    423
GET  /petugas/orang/kunci                     303      303  200          403      403      403   403       303    423
GET  /petugas/orang/kunci-meja                303      303  200          403      403      403   403       303    423
POST /petugas/orang/kunci-meja                401      401  400          403      403      403   403       403    423
GET  /petugas/meja/kunci                      303      303  200          403      403      403   403       303    423
POST /petugas/meja/kunci/salinan              401      401  200          403      403      403   403       403    423
POST /petugas/meja/kunci/salinan-baru         401      401  400          403      403      403   403       403    423
GET  /petugas/akun                            303      303  403          403      403      403   200       303    423
POST /petugas/akun                            401      401  403          403      403      403   422       403    423
POST /petugas/akun/<officer_id>/undang        401      401  403          403      403      403   201       403    423
POST /petugas/akun/<officer_id>/tutup         401      401  403          403      403      403   422       403    423
GET  /petugas/alarm                           303      303  403          403      403      403   200       303    423
GET  /petugas/pernyataan                      303      303  200          403      403      200   200       303    423
GET  /petugas/pembacaan                       303      303  403          403      403      200   403       303    423
GET  /petugas/libur                           303      303  403          403      403      200   200       303    423
POST /petugas/libur                           401      401  403          403      403      403   422       403    423
POST /petugas/libur/<day>/hapus               401      401  403          403      403      403   303       403    423
GET  /petugas/tenggat                         303      303  200          403      403      200   403       303    423
"""
FORMS: dict[str, dict[str, str]] = {
    "/bahasa": {"bahasa": "id"}, "/lapor/bahasa": {"bahasa": "id"},
    "/lapor": {}, "/lacak": {}, "/lacak/laporan": {}, "/lacak/bukti": {}, "/keluar": {}, "/petugas/akun": {},
    "/petugas/libur": {},
    "/petugas/libur/<day>/hapus": {},
    "/petugas/akun/<officer_id>/undang": {}, "/petugas/akun/<officer_id>/tutup": {},
    "/lacak/kirim": {"text": ""}, "/lacak/keberatan": {"keberatan-text": ""},
    "/lacak/cabut": {"cabut-text": "x" * (LONGEST_TEXT + 1)},
}  # fmt: skip


def table() -> dict[tuple[str, str], dict[str, int]]:
    """Read the table: the expected status by method and rule, and by whoever asks."""
    heading, *lines = TABLE.strip().splitlines()
    people, rows = heading.split(), [line.split() for line in lines]
    return {(method, rule): dict(zip(people, map(int, told), strict=True)) for method, rule, *told in rows}


Answer = Callable[[str, str, str], TestResponse]
DOORS = table()
ROUTES = sorted(DOORS, key=lambda door: (door[1], door[0]))
POSTS = [rule for method, rule in ROUTES if method == "POST"]
NAMES = [f"{method} {rule}" for method, rule in ROUTES]


def posted(rule: str) -> dict[str, Any]:
    """Return what is posted to a rule: its form, or JSON of nothing."""
    return {"data": FORMS[rule]} if rule in FORMS else {"json": {}}


@pytest.fixture(scope="module")
def answer(people: Town) -> Answer:
    """Asks as somebody, by method and rule: once, however many tests look at the answer."""

    @cache
    def asked(who: str, method: str, rule: str) -> TestResponse:
        browser = people.browser(who)
        if method == "GET":
            return browser.get(people.address(rule))
        sent = {"base_url": HOST, "headers": {"Origin": HOST}, "method": method} | posted(rule)
        return browser.client.open(people.address(rule), **sent)

    return asked


def test_every_address_has_its_line_in_the_table(town: Province) -> None:
    there = {
        (method, rule.rule)
        for rule in town.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert there == DOORS.keys()


def test_the_table_names_everybody() -> None:
    assert all(tuple(told) == EVERYBODY for told in DOORS.values())


@pytest.mark.parametrize(("method", "rule"), ROUTES, ids=NAMES)
def test_a_door_opens_for_whom_the_table_says(answer: Answer, method: str, rule: str) -> None:
    assert {who: answer(who, method, rule).status_code for who in EVERYBODY} == DOORS[method, rule]


@pytest.mark.parametrize(("method", "rule"), ROUTES, ids=NAMES)
def test_every_page_that_anybody_is_shown_keeps_the_rules(answer: Answer, method: str, rule: str) -> None:
    for who in EVERYBODY:
        shown = answer(who, method, rule)
        if shown.mimetype == "text/html" and shown.status_code != 303:
            assert list(faults(page_of(shown), rule)) == [], who


def faults(page: Page, rule: str) -> Iterator[str]:
    """Find what a page must not be: nameless, headless, inline, or telling on its reader."""
    [html] = page.all("html")
    yield from ["no language"] if html.get("lang") != "id" else []
    yield from ["no title"] if not page.title else []
    yield from ["a telling title"] if not rule.startswith("/petugas") and pages.TELLING.search(page.title) else []
    headings = [heading for heading in page.all("h1") if not is_hidden(heading)]
    yield from [f"{len(headings)} headings"] if len(headings) != 1 else []
    yield from (f"id {name} twice" for name in page.repeated_ids())
    yield from inline(page)


def is_hidden(element: Element | None) -> bool:
    """Tell whether an element waits, out of sight, for a script to show it."""
    return element is not None and ("hidden" in element.attributes or is_hidden(element.within))


def inline(page: Page) -> Iterator[str]:
    """Find styles, scripts and handlers that stand in the page."""
    for element in page.elements:
        handlers = [name for name in element.attributes if name == "style" or name.startswith("on")]
        yield from (f"<{element.tag} {name}>" for name in handlers)
        yield from ["<style>"] if element.tag == "style" else []
        yield from ["<script>"] if element.tag == "script" and (not element.get("src") or element.text.strip()) else []
        yield from (value for value in element.attributes.values() if value.lower().startswith("javascript:"))


NOWHERE = ["/tidak-ada", "/petugas/tidak-ada", "/lapor/", "/static/0/tidak-ada.js", "/petugas/perkara/%00"]


@pytest.mark.parametrize("path", NOWHERE)
def test_the_page_of_an_address_that_is_not_keeps_the_rules(people: Town, path: str) -> None:
    for who in ("stranger", "lead"):
        shown = people.browser(who).get(path)
        assert shown.status_code == 404
        assert list(faults(page_of(shown), path)) == []


def test_the_search_for_faults_finds_them() -> None:
    source = """<html lang="en"><title>Laporan</title><h1 id="a" style="x">1</h1><h1 id="a" onclick="x">2</h1>
    <style></style><script>x</script><a href="javascript:x">3</a></html>"""
    assert list(faults(Page(source), "/")) == [
        "no language", "a telling title", "2 headings", "id a twice", "<h1 style>", "<h1 onclick>", "<style>",
        "<script>", "javascript:x",
    ]  # fmt: skip


# Where a request may come from

FOREIGN = {
    "another site, as browsers say": {"Sec-Fetch-Site": "cross-site"},
    "a site beside ours": {"Sec-Fetch-Site": "same-site"},
    "another site, whatever its origin says": {"Sec-Fetch-Site": "cross-site", "Origin": HOST},
    "another site, in an old browser": {"Origin": "https://example.org"},
    "a site beside ours, in an old browser": {"Origin": "https://www.localhost"},
    "another port": {"Origin": "https://localhost:8443"},
    "a page without an origin": {"Origin": "null"},
}


@pytest.mark.parametrize("rule", POSTS)
def test_a_post_from_elsewhere_is_refused_whoever_sends_it(people: Town, rule: str) -> None:
    for who in ("stranger", "reporter", "lead", "admin"):
        browser = people.browser(who)
        for where, headers in FOREIGN.items():
            refused = browser.client.post(people.address(rule), base_url=HOST, headers=headers, **posted(rule))
            assert refused.status_code == 403, (who, where)
            assert "tidak datang dari halaman kami" in refused.get_data(as_text=True)


@pytest.mark.parametrize("rule", POSTS)
def test_a_post_that_does_not_say_where_it_comes_from_may_bring_no_cookie(people: Town, rule: str) -> None:
    for who in ("reporter", "lead"):
        refused = people.browser(who).client.post(people.address(rule), base_url=HOST, **posted(rule))
        assert refused.status_code == 403, who
    alone = people.browser("stranger").client.post(people.address(rule), base_url=HOST, **posted(rule))
    assert alone.status_code == DOORS["POST", rule]["stranger"]


@pytest.mark.parametrize("rule", POSTS)
def test_a_post_of_our_own_page_passes_in_old_and_new_browsers(people: Town, rule: str) -> None:
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": HOST}, {"Sec-Fetch-Site": "none"}):
        browser = people.browser("lead")
        passed = browser.client.post(people.address(rule), base_url=HOST, headers=headers, **posted(rule))
        assert passed.status_code == DOORS["POST", rule]["lead"]
