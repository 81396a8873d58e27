"""Every text of the report and the findings, in three languages: no hole, no English, right plurals."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from people_sync.mail.letter import write_letter
from people_transforms.models import runner
from people_transforms.models.contracts import raw_streams, source_systems
from people_transforms.models.vendors import vendors
from people_transforms.publishing.build_report import build_report
from people_transforms.publishing.formats import FORMS, fill, names_in, write_euros
from people_transforms.publishing.page import render_page
from people_transforms.publishing.phrases import words_of, words_of_group
from people_transforms.publishing.report import Finding
from people_transforms.publishing.words import LANGUAGES, Words, load_words

from .conftest import RUN, StoreBuilder

_COUNTED = re.compile(r"\{\w+:=?([^}]+)\}")
# The same in two languages: names, abbreviations and words that both have.
_SAME_IN_BOTH = re.compile(
    r"(Status|status|Was|Run|chip|Start|Datum|Data|no\.|in Loket|in Alveno|in \{name\}|e-mail|platform|"
    r"platforma|(?:\{\w+\}|[\W\d])*)"
)


def texts(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from texts(value, f"{path}.{key}")
    elif isinstance(node, list) and path:
        yield path, " / ".join(map(str, node))  # the forms of one text, as many as the language has
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)
    else:
        yield path, str(node)


def all_texts(words: Words) -> dict[str, str]:
    return {**dict(texts(words.words)), **dict(texts(words.messages, "messages"))}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("nl", ["1 dag", "2 dagen", "5 dagen", "0 dagen", "1.200 dagen"]),
        ("cs", ["1 den", "2 dny", "5 dní", "0 dní", "1\u00a0200 dní"]),
        ("en", ["1 day", "2 days", "5 days", "0 days", "1,200 days"]),
    ],
)
def test_a_number_takes_the_right_form_of_its_noun(language: str, said: list[str]) -> None:
    text = {"nl": "{n:dag|dagen}", "cs": "{n:den|dny|dní}", "en": "{n:day|days}"}[language]
    filled = [fill(text, language, {"n": n}, {}) for n in (1, 2, 5, 0, 1200)]
    assert filled == [re.sub(r" (?=\D)", "\u00a0", one) for one in said]


def test_days_and_amounts_are_written_as_people_write_them() -> None:
    day = dt.date(2026, 3, 4)
    written = {language: load_words(language).day(day) for language in LANGUAGES}
    plain = {language: text.replace("\u00a0", " ") for language, text in written.items()}
    assert plain == {"nl": "4 maart 2026", "cs": "4. března 2026", "en": "4 March 2026"}
    assert write_euros("nl", 125000).replace("\u00a0", " ") == "€ 1.250,00"
    assert write_euros("cs", 125000).replace("\u00a0", " ") == "1 250,00 €"


def test_a_part_in_brackets_goes_with_its_value() -> None:
    text = "The list[ ({read} of {exist})]."
    assert fill(text, "en", {"read": 1, "exist": 2}, {}) == "The list (1 of 2)."
    assert fill(text, "en", {"read": 1}, {}) == "The list."


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_counted_noun_has_as_many_forms_as_its_language(language: str) -> None:
    for path, text in all_texts(load_words(language)).items():
        for forms in _COUNTED.findall(text):
            assert len(forms.split("|")) == FORMS[language], (path, forms)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_has_a_hole_whatever_is_missing(language: str) -> None:
    words = load_words(language)
    assert not [path for path, text in all_texts(words).items() if "…" in text]
    for code, message in words.messages["findings"].items():
        assert set(message) == {"says", "group", "type"}, code
        for n in (1, 2, 5):
            for text in (*words.finding(code, {}), *words.finding_group(code, n, {})):
                assert text.strip() and not re.search(
                    r"[{}\[\]…]|\(\)|  |“”|„“|‘’| [.,;:]", text
                ), (
                    code,
                    text,
                )
        assert str(2) in words.finding_group(code, 2, {})[0], code
    for cause in ("409 email", "404", "404 client", "limit first_name", "422", None, "empty email"):
        for text in words.refusal(cause, 2, {}):
            assert text and not re.search(r"[{}\[\]…]|\(\)|  ", text), (cause, text)


@pytest.mark.parametrize("language", ["nl", "cs"])
def test_no_text_is_english(language: str) -> None:
    english, other = all_texts(load_words("en")), all_texts(load_words(language))
    assert set(english) == set(other)
    same = [
        (path, text)
        for path, text in other.items()
        if text == english[path] and not _SAME_IN_BOTH.fullmatch(text)
    ]
    assert same == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_that_a_text_asks_for_has_words_for_its_absence(language: str) -> None:
    messages = load_words(language).messages
    asked = {
        name
        for group in ("findings", "refusals", "next", "reasons")
        for _, text in texts(messages[group])
        for name in names_in(text.replace("[", "").replace("]", ""))
    }
    assert asked <= set(messages["instead"]), asked - set(messages["instead"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_list_and_column_that_a_finding_may_name_has_words(language: str) -> None:
    words = load_words(language)
    for source in source_systems():
        for stream in raw_streams(source).values():
            assert stream.name in words["streams"], stream.name
    named = set(re.findall(r"'([a-z_]+)' as field", "".join(model.sql for model in _models())))
    assert {"note", "ends_on"} <= named, "control: fields are found"
    assert named <= set(words["fields"]), named - set(words["fields"])


def _models() -> Iterator[runner.Model]:
    for vendor, told in vendors().items():
        yield from runner.models(told["usual_source"], vendor)


def test_advice_for_a_word_that_means_nothing_offers_both() -> None:
    def advice(language: str, suggestion: str) -> str:
        args = {"suggestion": suggestion}
        finding = Finding(
            "access_not_understood", "warning", "p", None, None, "alleo_access", "misschien", args
        )
        return words_of(finding, load_words(language))[1]

    assert advice("nl", "TRUE / FALSE") == "Vul TRUE of FALSE in."
    assert advice("cs", "TRUE / FALSE") == "Zapište TRUE nebo FALSE."
    assert advice("nl", "TRUE") == "Vul TRUE in.", "control"


def test_an_amount_that_can_be_read_in_two_ways_is_told_both_ways() -> None:
    finding = Finding("budget_ambiguous", "warning", "p", None, None, "alleo_x", "1.250", {})
    said = words_of(finding, load_words("nl"))[0]
    assert said == "alleo_x: onduidelijk bedrag ‘1.250’: 1250 euro of 1,25 euro."
    hidden = Finding("budget_ambiguous", "warning", "p", None, None, "alleo_x", "•••", {})
    assert words_of(hidden, load_words("nl"))[0] == "alleo_x: onduidelijk bedrag ‘•••’."


def test_a_group_says_what_its_members_share_and_hides_the_rest() -> None:
    two = [
        Finding("access_not_understood", "warning", p, None, None, "alleo_access", typed, {})
        for p, typed in (("a", "misschien"), ("b", "later"))
    ]
    says, advice = words_of_group(two, load_words("nl"))
    assert says.replace("\u00a0", " ") == (
        "Bij 2 medewerkers staat in het toegangsveld (alleo_access) geen ja of nee."
    )
    assert advice == "Vul de juiste waarde in."


def test_an_employer_without_a_company_is_told_which_companies_exist(store: StoreBuilder) -> None:
    store.run()
    store.connection.execute(
        "insert into sync.places values ('alleo', '12', 'De Molen B.V.'), ('alleo', '7', 'Jansen')"
    )
    store.finding("employer_not_mapped", employer_id="e1", field="companies", args={"people": 1})
    (finding,) = build_report(store.connection, RUN).findings
    says, advice = words_of(finding, load_words("nl"))
    assert says.startswith("Bakkerij Jansen heeft 1\u00a0medewerker en is niet")
    assert "(nummer in Loket: e1)" in advice and "De Molen B.V. (12), Jansen (7)" in advice


def eventful_night(store: StoreBuilder) -> None:
    """A night with every finding, hold and refusal that has words."""
    words = load_words("en")
    store.run(outcome="held")
    store.connection.execute("insert into sync.places values ('alleo', 'c1', 'Jansen B.V.')")
    person = store.person(1, "Anna")
    store.account(person, ends_on=dt.date(2026, 3, 20))
    for number, hold in enumerate(words["holds"], 10):
        store.plan(store.person(number), "create", hold=hold, hold_reason="in English")
    for number, reason in enumerate(words.messages["reasons"], 100):
        store.plan(store.person(number), "none", reason=reason, account_key="*")
    for number, kind in enumerate(words["leaving_kinds"], 200):
        store.plan(store.person(number), "deactivate", leaving_kind=kind)
    for number, code in enumerate(words.messages["findings"], 300):
        store.finding(code, person_id=store.person(number), employer_id="e1")
    for cause in ("409 email", "404 client", "limit first_name", "422 birthday"):
        store.dead_letter(person, cause, field=cause.partition(" ")[2], message="English words")


@pytest.mark.parametrize("language", ["nl", "cs"])
def test_a_page_and_a_letter_have_no_hole_no_id_and_no_english(
    store: StoreBuilder, language: str
) -> None:
    eventful_night(store)
    report, words = build_report(store.connection, RUN), load_words(language)
    letter = write_letter(report, words)
    page = render_page(report, words)
    body = page[page.index("<h1>") : page.index('id="facts"')]
    shown = re.sub(r"<[^>]+>|&#?\w+;", " ", body.replace("<code>", "").replace("&#39;", "'"))
    english = {
        text
        for _, text in texts([load_words("en").words, load_words("en").messages])
        if re.fullmatch(r"[A-Za-z ,.]{12,}", text)
    } - set(all_texts(words).values())
    assert len(english) > 20, "control: there is English to look for"
    for what in (letter, shown):
        assert "…" not in what
        assert not [text for text in english if text in what]
        assert "in English" not in what and "English words" not in what
        assert "Jansen B.V." in what or what is letter
        what = what.replace("Jansen B.V. (c1)", "")  # the companies that exist, to be typed
        assert not re.search(r"loket:e1:\d|\bc1\b|\b1 (osob|osoby|personen|dny|dagen|změn)\b", what)
