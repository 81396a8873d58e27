"""Text as people type it: what can't be seen is trimmed or named, other shapes of a sign are that sign."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest
from people_transforms.models import typed_text

from .spark.run_models import TYPED_TEXT

pytestmark = pytest.mark.few(30)

# White space of every kind, marks of direction, joiners, a soft hyphen, a byte order mark, NUL.
UNSEEN = [
    *(" ", "\t", "\n", "\u0000", "\u0085", "\u00a0", "\u00ad", "\u1680", "\u2003", "\u2009"),
    *("\u200b", "\u200d", "\u200e", "\u200f", "\u2028", "\u202a", "\u202b", "\u202c", "\u202d"),
    *("\u202e", "\u202f", "\u2060", "\u2066", "\u2067", "\u2068", "\u2069", "\u3000", "\u3164"),
    *("\ufe0f", "\ufeff"),
]
INSIDE = [sign for sign in UNSEEN if not sign.isspace() or sign in "\t\n\u0085\u2028"]
Call = Callable[[str, str | None], Any]
names = [f"U+{ord(sign):04X}" for sign in UNSEEN]


@pytest.fixture(scope="module")
def call() -> Iterator[Call]:
    """Call a macro on a text."""
    with duckdb.connect() as connection:
        typed_text.define(connection)

        def answer(macro: str, text: str | None) -> Any:
            row = connection.execute(f"select {macro}(?::varchar)", [text]).fetchone()
            assert row
            return row[0]

        yield answer


@pytest.mark.parametrize("sign", UNSEEN, ids=names)
def test_what_cannot_be_seen_around_a_text_is_trimmed(call: Call, sign: str) -> None:
    for macro in ("seen", "plain"):
        assert call(macro, f"{sign}{sign}Jan {sign}") == "Jan"
        assert call(macro, sign) is None
        assert call(macro, f"Jan{sign}Novák") not in ("JanNovák", None)


@pytest.mark.parametrize("sign", INSIDE)
def test_what_is_hidden_inside_is_found(call: Call, sign: str) -> None:
    assert call("before_hidden", f"TR{sign}UE") == "TR"
    assert call("without_hidden", f"L{sign}DID: 3{sign}2") == (
        "LDID: 3\ufffd2" if sign != "\n" else "L\nDID: 3\n2"
    )
    assert call("before_hidden", "Jan Novák\u00a0ml.") is None


def test_a_name_keeps_its_own_signs_and_is_composed(call: Call) -> None:
    for name in ("Łukasz", "Nguyễn", "D’Arcy", "Ⅳ", "山田", "Ｊａｎ", "Zoë", "O'Neill-Žižka"):
        assert call("seen", name) == name
    assert call("seen", "Zoe\u0308") == "Zoë"
    for text in ("", "  ", None):
        assert call("seen", text) is call("plain", text) is None


def test_other_shapes_of_latin_signs_are_those_signs(call: Call) -> None:
    assert call("plain", "ｔｒｕｅ") == "true"
    assert call("plain", "𝟛𝟚𝟝") == "325"
    assert call("plain", "LDID﹕") == "LDID:"
    assert call("plain", "o\ufb03ce＠ĳ.nl") == "office@ij.nl"
    for sign, plain in typed_text.shapes().items():
        assert unicodedata.normalize("NFKC", sign) == plain
    every = "".join(typed_text.shapes())
    assert call("wide", every) == unicodedata.normalize("NFKC", every)


@pytest.mark.parametrize("text", ["32567²", "50₂", "⑦", "½", "а", "カ", "٣"])
def test_a_raised_sign_or_another_digit_is_no_digit(call: Call, text: str) -> None:
    assert call("plain", text) == text


def test_every_lookalike_is_a_letter_of_another_alphabet(call: Call) -> None:
    for letter in typed_text.LOOKALIKES:
        assert unicodedata.name(letter).startswith(("CYRILLIC ", "GREEK "))
        assert call("latin", letter).isascii()
        assert call("lookalike", f"x{letter}y") == letter
    assert call("lookalike", "Łukasz Žižka") is None


def test_another_engine_reads_the_same() -> None:
    """The functions for Spark are written another way, so each is a reference for the other."""
    signs = [*UNSEEN, *typed_text.shapes(), *typed_text.LOOKALIKES, *"Ĳﬃ²½⑦a1é\u0301", "\ue0fe"]
    texts = [f"{sign}{other}7{sign}8 x{sign}" for sign in signs for other in ("", "5", "a")]
    texts += ["", " "]
    assert len(texts) > 2000
    with duckdb.connect() as connection:
        typed_text.define(connection)
        for function in TYPED_TEXT:
            read = connection.execute(
                f"select list_transform(?::varchar[], lambda one: {function.__name__}(one))",
                [texts],
            ).fetchone()
            assert read
            different = [
                (text, ours, function(text))
                for text, ours in zip(texts, read[0], strict=True)
                if ours != function(text)
            ]
            assert (function.__name__, different) == (function.__name__, [])


@pytest.mark.parametrize(
    ("typed", "access"),
    [
        ("\u2009TRUE\u200e", "yes"),
        ("ＴＲＵＥ", "yes"),
        ("\u202aja\u202c", "yes"),
        ("\u0000nee\u0000", "no"),
        ("TR\u200bUE", "not_understood"),
        ("TRU\u0415", "not_understood"),
    ],
)
def test_the_access_field_is_read_in_plain_signs(alleo: Any, typed: str, access: str) -> None:
    alleo.definition("\u200fAlleo_\uff41ccess\u2069")
    alleo.person("P1", start="2020-01-01")
    alleo.field("\u200fAlleo_\uff41ccess\u2069", typed)
    alleo.build()
    assert [row["access"] for row in alleo.rows("people.people")] == [access]


def findings(world: Any) -> dict[str, dict[str, Any]]:
    """The findings by code, with their args."""
    rows = [*world.rows("people.findings"), *world.rows("mart.findings")]
    return {row["code"]: {**row, **json.loads(row["args"])} for row in rows}


def test_a_hidden_sign_in_a_value_is_named(alleo: Any) -> None:
    alleo.definition("alleo_access")
    alleo.person("P1", start="2020-01-01", business_email="jan\u00ad@example.com")
    alleo.field("alleo_access", "FAL\u200bSE")
    alleo.build()
    rows = [row for row in alleo.rows("people.findings") if row["code"] == "hidden_character"]
    told = {row["field"]: row["typed_value"] for row in rows}
    assert told == {"alleo_access": "FAL", "email": "jan"}
    assert findings(alleo)["access_not_understood"]["suggestion"] == "FALSE"
    assert alleo.states() == [("*", "untouched", "access_not_understood")]


def test_an_address_with_a_hidden_sign_is_not_sent(alleo: Any, single: Any) -> None:
    alleo.person("P1", start="2020-01-01", business_email="jan\u200b@example.com")
    alleo.build()
    assert alleo.states() == [("*", "update_only", "email_invalid")]
    single.person("P1", start="2020-01-01", email="jan\u2066@example.com", note="LDID: 32567")
    single.build()
    assert single.account()["email"] is None
    assert {"email_invalid", "hidden_character"} <= set(single.codes())


def test_a_letter_of_another_alphabet_is_named(alleo: Any) -> None:
    alleo.definition("alleo_access")
    alleo.person("P1", start="2020-01-01")
    alleo.field("alleo_access", "TRU\u0415")
    alleo.build()
    told = findings(alleo)["other_alphabet"]
    assert (told["typed_value"], told["letter"]) == ("TRU\u0415", "\u0415")
    assert findings(alleo)["access_not_understood"]["suggestion"] == "TRUE"


@pytest.mark.parametrize(
    ("name", "code", "meant"),
    [
        ("\u0430lleo_access", "other_alphabet_in_name", "alleo_access"),
        ("\u0430ll\u0435\u043e_\u0430\u0441\u0441\u0435ss", "other_alphabet_in_name", "alleo_access"),
        ("alleo\u200b_access", "hidden_in_name", "alleo_access"),
        (
            "\u0430lleo_monthly_all_budget", "other_alphabet_in_name", "alleo_monthly_all_budget",
        ),
    ],
)  # fmt: skip
def test_a_field_name_that_only_looks_right_is_told(
    alleo: Any, name: str, code: str, meant: str
) -> None:
    alleo.definition(name)
    alleo.person("P1", start="2020-01-01")
    alleo.build()
    told = findings(alleo)
    assert told[code]["suggestion"] == meant
    assert ("access_field_name" if "access" in meant else "budget_field_name") in told


def test_a_right_name_in_two_alphabets_elsewhere_is_nobodys_business(alleo: Any) -> None:
    alleo.definition("Смена")
    alleo.definition("alleo_access")
    alleo.person("P1", start="2020-01-01")
    alleo.field("alleo_access", "TRUE")
    alleo.build()
    assert not {code for code in findings(alleo) if "alphabet" in code or "hidden" in code}


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [
        ("misschien", "TRUE / FALSE"),
        ("possibly", "TRUE / FALSE"),
        ("volgend jaar", "TRUE / FALSE"),
        ("x", "TRUE / FALSE"),
        ("TRUEE", "TRUE"),
        ("onwar", "FALSE"),
        ("tru", "TRUE"),
        ("falsch", "FALSE"),
    ],
)
@pytest.mark.some(4)
def test_only_a_near_word_is_advised(alleo: Any, typed: str, suggestion: str) -> None:
    alleo.person("P1", start="2020-01-01")
    alleo.field("alleo_access", typed)
    alleo.build()
    assert findings(alleo)["access_not_understood"]["suggestion"] == suggestion


ODD = {
    "TRUE": ["ja!", "JA.", "(yes)", "1.", "TRUE;", "yess", "t", "wa"],
    "FALSE": ["nee!", "0,", "NO.", "nie", "fals", "„ne“", "onwaar.", "f"],
    "TRUE / FALSE": [
        "on", "off", "aan", "uit", "ja?", "nee?", "untrue", "nietwaar", "ani", "naar", "jan", "now",
        "new", "nog", "not yet", "yet", "ja/nee", "true/false", "✓", "!!!", "-", "2", "10", "ok",
        "nope", "vraag Jan", "🙂",
    ],
}  # fmt: skip


def test_no_odd_value_is_answered_with_a_guess(alleo: Any) -> None:
    wanted = {typed: advice for advice, values in ODD.items() for typed in values}
    for number, typed in enumerate(wanted):
        alleo.person(f"P{number}", start="2020-01-01")
        alleo.field("alleo_access", typed, f"P{number}")
    alleo.build()
    rows = [row for row in alleo.rows("people.findings") if row["code"] == "access_not_understood"]
    told = {row["typed_value"]: json.loads(row["args"])["suggestion"] for row in rows}
    assert told == wanted


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [(("misschien", "treue"), "TRUE / FALSE"), (("truee", "TRUEE"), "TRUE")],
)
def test_of_two_values_none_is_shown_with_the_others_advice(
    alleo: Any, typed: tuple[str, ...], suggestion: str
) -> None:
    alleo.person("P1")
    for value in typed:
        alleo.field("alleo_access", value, employment=alleo.employment("P1"))
    alleo.build()
    assert findings(alleo)["access_not_understood"]["suggestion"] == suggestion


@pytest.mark.parametrize(
    ("typed", "cents"),
    [("５０，００", 5000), ("𝟙𝟚.𝟝", 1250), ("\u202a1\u2009250,00\u202c", 125000)],
)
def test_an_amount_is_read_in_plain_signs(alleo: Any, typed: str, cents: int) -> None:
    alleo.person("P1", start="2020-01-01")
    alleo.field("alleo_monthly_all_budget", typed)
    alleo.build()
    assert [row["amount_cents"] for row in alleo.rows("mart.alleo_budgets")] == [cents]


def test_a_chip_and_a_number_are_read_in_plain_signs(single: Any) -> None:
    single.person(
        "P1", start="2020-01-01", personal_number="\u20090０12", chip_numbers=["\u200eＡ１\ufeff"]
    )
    single.person("P2", start="2020-01-01", chip_numbers=["A\u200b2"])
    single.build()
    account = single.account()
    assert (account["personal_number"], account["chip_number"]) == ("0012", "A1")
    assert single.account("P2")["chip_number"] is None
    assert {"chip_unreadable", "hidden_character"} <= set(single.codes("P2"))


@pytest.mark.parametrize(
    ("note", "typed", "suggestion"),
    [
        ("LDID: 32567 aj 32568", "32567 aj 32568", "LDID: 32567, 32568"),
        ("LDID: 32567\\32568", "32567\\32568", "LDID: 32567, 32568"),
        ("LDID: 32567 · 32568", "32567 · 32568", "LDID: 32567, 32568"),
        ("LDID: 32567 pro Evu 32568", "32567 … 32568", "LDID: 32567, 32568"),
        ("LDID: 32567 – 32568", "32567 – 32568", "LDID: 32567, 32568"),
        ("LDID: 325\u200b67", "32567", "LDID: 32567"),
        ("LDID: 32567\u200b32568", "32567, 32568", "LDID: 32567, 32568"),
    ],
)
@pytest.mark.some(4)
def test_a_list_that_cannot_be_read_is_answered_with_what_to_type(
    group: Any, note: str, typed: str, suggestion: str
) -> None:
    group.person("P1", start="2020-01-01", note=note)
    group.build()
    told = findings(group)["ldid_malformed"]
    assert (told["typed_value"], told["suggestion"]) == (typed, suggestion)
    assert ("hidden_character" in findings(group)) == ("\u200b" in note)
    assert group.states() == [("*", "update_only", "ldid_malformed")]
