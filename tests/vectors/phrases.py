"""The phrase: what may be typed for it, what comes from it, and the words that spell other bits."""

from collections.abc import Callable
from typing import Any

from kernel.vault import (
    WORDS, Identity, SigningKey, UnknownWord, WrongCount, canonical, fingerprint, keys_of, plain_complaint_id,
    plain_phrase, spell, stretch,
)  # fmt: skip
from tests.vectors.inputs import drawn

Vectors = list[dict[str, Any]]
PHRASE = spell(drawn("a phrase"), 8)


def readings() -> Vectors:
    """Ways to type a phrase, read or refused."""
    return [_read(name, typed, 8) for name, typed in (_tolerated() | _mistyped() | _miscounted()).items()] + [
        _read("a password, six words", " ".join(PHRASE.split()[:6]), 6),
        _read("a phrase where a password is due", PHRASE, 6),
    ]


def _tolerated() -> dict[str, str]:
    words = PHRASE.split()
    return {
        "as it is shown": PHRASE,
        "the first and the last word of the list": " ".join((WORDS[0], WORDS[-1]) * 4),
        "in capitals": PHRASE.upper(),
        "each word with a capital": PHRASE.title(),
        "with hyphens": "-".join(words),
        "with long dashes": " – ".join(words),
        "with commas": ", ".join(words) + ".",
        "on lines": "\n".join(words) + "\n",
        "on lines of another system": "\r\n".join(words),
        "as a numbered list": "\n".join(f"{number}. {word}" for number, word in enumerate(words, 1)),
        "as a numbered list on one line": " ".join(f"{number}.{word}" for number, word in enumerate(words, 1)),
        "with numbers in brackets": " ".join(f"({number}) {word}" for number, word in enumerate(words, 1)),
        "with numbers that touch": " ".join(f"{number}{word}" for number, word in enumerate(words, 1)),
        "with bullets and tabs": "".join(f"•\t{word}\n" for word in words),
        "in quotation marks": f"“{PHRASE}”",
        "with spaces that do not break": "\u00a0".join(words),
        "with many spaces": "   " + "   ".join(words) + "   ",
        "in full-width letters": "".join(chr(ord(letter) + 0xFEE0) if letter != " " else " " for letter in PHRASE),
    }


def _mistyped() -> dict[str, str]:
    long_word = next(word for word in WORDS if len(word) >= 6 and _stands_for(word[:4], [word]))
    clash = next(word for word in WORDS if len(word) >= 6 and len(_candidates(word[:4])) == 2)
    rest = PHRASE.split()[3:]
    asked = _first_slip(lambda found: len(found) == 2)
    whole = next(word for word in WORDS if len(word) == 4)
    several = _first_slip(lambda found: len(found) > 2)
    return {
        "a word begun, four letters": _third(long_word[:4]),
        "a word begun, five letters": _third(long_word[:5]),
        "a word begun, three letters": _third(long_word[:3]),
        "a word begun, or another with a slip": _third(clash[:4]),
        "the same where another word is only begun": " ".join([long_word[:4], clash[:4], PHRASE.split()[2], *rest]),
        "every word by its first four letters": " ".join(word[:4] for word in [clash, *PHRASE.split()[1:]]),
        "two words begun, one with a slip": f"{_letter_other(long_word)} {clash[:4]} {long_word[:5]} " + " ".join(rest),
        "one letter other": _third(_letter_other(long_word)),
        "one letter missing": _third(long_word[:2] + long_word[3:]),
        "one letter more": _third(long_word[:2] + "x" + long_word[2:]),
        "one letter more at the end": _third(long_word + "x"),
        "one letter doubled": _third(long_word[:2] + long_word[1:]),
        "two letters exchanged": _third(long_word[0] + long_word[2] + long_word[1] + long_word[3:]),
        "a digit for a letter": _third(long_word[:2] + "0" + long_word[3:]),
        "two words glued": _third(whole + long_word),
        "two words one slip away": _third(asked),
        "several words one slip away": _third(several),
        "no word at all": _third("qqqqqq"),
        "a word of 300 letters": _third("a" * 300),
        "the last word unknown": " ".join([*PHRASE.split()[:7], "xxxxxxx"]),
        "two unknown words: the first is told": " ".join(["qqqqqq", *PHRASE.split()[1:7], "zzzzzz"]),
    }


def _miscounted() -> dict[str, str]:
    words = PHRASE.split()
    return {
        "nothing": "",
        "only spaces and numbers": " 1. 2. 3. ",
        "seven words": " ".join(words[:7]),
        "nine words": " ".join([*words, words[0]]),
        "letters parted by something else": PHRASE.replace("a", "@"),
        "seven words, one unknown: the count is told": " ".join([*words[:6], "qqqqqq"]),
    }


def _third(word: str) -> str:
    return " ".join([*PHRASE.split()[:2], word, *PHRASE.split()[3:]])


def _letter_other(word: str) -> str:
    return next(slip for letter in "qxz" if _stands_for(slip := word[:2] + letter + word[3:], [word]))


def _stands_for(typed: str, words: list[str]) -> bool:
    return _candidates(typed) == words


def _first_slip(wanted: Callable[[list[str]], bool]) -> str:
    parts = ((word[:at], word[at:]) for word in WORDS for at in range(len(word)))
    slips = (before + letter + after[1:] for before, after in parts for letter in "aeiou")
    return next(slip for slip in slips if wanted(_candidates(slip)))


def _candidates(typed: str) -> list[str]:
    try:
        return [canonical(_third(typed)).split()[2]]
    except UnknownWord as unknown:
        return list(unknown.candidates)


def _read(name: str, typed: str, count: int) -> dict[str, Any]:
    vector: dict[str, Any] = {"name": name, "typed": typed, "count": count, "canonical": None}
    try:
        return vector | {"canonical": canonical(typed, count)}
    except WrongCount as wrong:
        return vector | {"found": wrong.found}
    except UnknownWord as unknown:
        return vector | {"position": unknown.position, "word": unknown.typed, "candidates": list(unknown.candidates)}


def keys() -> Vectors:
    """From words to every key."""
    salt = drawn("an installation's salt", 16)
    return [_keys("drawn", PHRASE, salt), _keys("of the first word", " ".join([WORDS[0]] * 8), salt)]


def _keys(name: str, words: str, salt: bytes) -> dict[str, Any]:
    phrase_key = stretch(words, salt)
    found = keys_of(phrase_key)
    return {
        "name": name,
        "words": words,
        "salt": salt.hex(),
        "phrase_key": phrase_key.hex(),
        "lookup_token": found.lookup_token.hex(),
        "reporter": found.reporter.recipient.digest,
        "sign": found.sign.public.hex(),
        "ledger_key": found.ledger_key.hex(),
    }


def fingerprints() -> Vectors:
    """Fingerprints of officers' keys, and bits spelled in words."""
    kem = Identity.from_seed(drawn("a recipient's seed")).recipient.raw
    sign = SigningKey.from_seed(drawn("a signer's seed")).public
    spelled = {"zeros": bytes(10), "ones": b"\xff" * 10, "the lowest bit": bytes(9) + b"\1", "too many": drawn("bits")}
    return [
        {"name": "a fingerprint", "kem": kem.hex(), "sign": sign.hex(), "words": fingerprint(kem, sign)},
        *({"name": name, "bits": bits.hex(), "words": spell(bits, 8)} for name, bits in spelled.items()),
    ]


def plain() -> Vectors:
    """What the server draws for a form without JavaScript."""
    secret, nonce = drawn("an installation's secret"), drawn("a form's nonce", 16)
    accounts = {"a short account": b'{"text":"halo"}', "another": b'{"text":"halo "}'}
    return [
        {
            "name": name,
            "secret": secret.hex(),
            "nonce": nonce.hex(),
            "account": account.decode(),
            "phrase": plain_phrase(secret, nonce, account),
            "complaint": plain_complaint_id(secret, nonce, account),
        }
        for name, account in accounts.items()
    ]
