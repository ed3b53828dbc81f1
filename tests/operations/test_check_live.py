"""`flask check` at the address people are given: silent about sound answers, and each that tells is found out."""

from __future__ import annotations

from pathlib import Path

import pytest

from operations.checks import Weight, live
from operations.checks.live import TALKATIVE, look_at
from tests.journeys.secure import certified
from tests.operations.answering import SOUND, Served, answering
from tests.operations.conftest import told


def test_sound_answers_are_not_spoken_of(live_url: str) -> None:
    assert list(look_at(live_url, demo=True)) == []


SPOILT_ANSWERS: dict[str, dict[str, str]] = {
    "the Content-Security-Policy is not ours": {"Content-Security-Policy": "default-src 'self'"},
    "Cache-Control is not no-store": {"Cache-Control": "public"},
    "X-Content-Type-Options is not nosniff": {"X-Content-Type-Options": ""},
    "Referrer-Policy is not same-origin": {"Referrer-Policy": "unsafe-url"},
    "it is compressed on the way": {"Content-Encoding": "gzip"},
    **{f"somebody adds {name}": {name: "x"} for name in TALKATIVE},
}


def test_whoever_likes_to_add_something_is_known() -> None:
    assert {"Via", "X-Powered-By", "X-Cache", "CF-RAY", "Set-Cookie", "Server-Timing", "NEL"} <= set(TALKATIVE)


@pytest.mark.parametrize("sentence", SPOILT_ANSWERS)
def test_an_answer_that_tells_is_found_out(live_url: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Served, "told", SOUND | SPOILT_ANSWERS[sentence])
    assert sentence in told(look_at(live_url, demo=False), Weight.BROKEN)


def test_an_unsafe_policy_a_version_and_an_error_are_found_out(live_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    unsafe = SOUND["Content-Security-Policy"] + "; style-src-attr 'unsafe-inline'"
    monkeypatch.setattr(Served, "told", SOUND | {"Content-Security-Policy": unsafe})
    monkeypatch.setattr(Served, "server_version", "nginx/1.22.1")
    monkeypatch.setattr(Served, "status", 502)
    found = list(look_at(live_url, demo=False))
    assert "the Content-Security-Policy is not ours" in told(found, Weight.BROKEN)
    assert "/lapor answers 502" in told(found, Weight.BROKEN)
    assert "which version" in told(found, Weight.WARNING)


def test_an_address_that_sends_on_elsewhere_is_not_followed(live_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Served, "status", 302)
    monkeypatch.setattr(Served, "told", SOUND | {"Location": f"{live_url}/readyz"})
    assert "/lapor answers 302" in told(look_at(live_url, demo=False), Weight.BROKEN)


def test_a_public_address_must_be_encrypted_and_no_demo(live_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOCAL", ())
    monkeypatch.setattr(Served, "status", 404)
    found = told(look_at(live_url, demo=True), Weight.BROKEN)
    assert "A DEMO answers at" in found and "is not encrypted on the way" in found


def test_an_onion_address_needs_no_certificate() -> None:
    hidden = f"http://{'a' * 56}.onion"
    assert "is not encrypted" not in told(look_at(hidden, demo=False), Weight.BROKEN)


def test_a_readiness_that_strangers_are_shown_is_thought_about(live_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Served, "ready", 503)
    assert told(look_at(live_url, demo=False), Weight.WARNING) == ""
    monkeypatch.setattr(live, "LOCAL", ())
    assert "/readyz answers strangers" in told(look_at(live_url, demo=False), Weight.WARNING)


def test_over_tls_an_answer_that_does_not_insist_on_it_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = certified(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pair[0]))
    monkeypatch.setattr(Served, "told", dict(SOUND))
    with answering(pair) as url:
        assert "Strict-Transport-Security is missing" in told(look_at(url, demo=False), Weight.BROKEN)
        monkeypatch.setattr(Served, "told", SOUND | {"Strict-Transport-Security": "max-age=63072000"})
        assert list(look_at(url, demo=False)) == []


def test_an_address_at_which_nobody_answers_is_found_out() -> None:
    assert "/ cannot be reached" in told(look_at("http://127.0.0.1:9", demo=False), Weight.BROKEN)
