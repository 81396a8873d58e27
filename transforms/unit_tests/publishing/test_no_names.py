"""What goes round without names, attacked: a mark in everything that may tell who somebody is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from people_sync.mail.alarms import Mail
from people_sync.mail.letter import write_letter
from people_sync.mail.morning_mail import write_message
from people_transforms.models.purposes import column_purposes
from people_transforms.privacy.masking import without_names
from people_transforms.publishing.build_report import build_report
from people_transforms.publishing.page import render_page
from people_transforms.publishing.report import Report
from people_transforms.publishing.words import LANGUAGES, Words, load_words

from .conftest import RUN, StoreBuilder

MARK = "Canary"
# Kinds of data that tell nothing of a person; all others are marked.
TELLS_NOTHING = ("none", "access", "employment")
COUNTS = ("copies", "count", "days", "exist", "people", "read")


def marked_args() -> dict[str, Any]:
    """Every value that a finding may carry."""
    args: dict[str, Any] = {}
    for name, purpose in column_purposes()["finding"].items():
        if purpose.data not in TELLS_NOTHING:
            args[name] = 77_123_00 if name.endswith("_cents") else f"{MARK} {name}"
        elif name in COUNTS:
            args[name] = 3
    return {**args, "on": "2026-03-09", "source": "loket", "vendor": "alleo"}


def dreadful_night(store: StoreBuilder, words: Words) -> None:
    """A night with every finding and refusal that there is, about people who are all called Canary."""
    store.run(status="held", outcome="held")
    person = [
        store.person(number, f"{MARK}a", f"{MARK}b", business_email=f"{MARK}@example.nl")
        for number in range(1, 4)
    ]
    store.plan(person[0], "deactivate", hold="removals", leaving_kind="ended")
    store.plan(person[1], "update", changes={"last_name": [MARK, f"{MARK}b"]})
    store.plan(person[2], "create", hold="identity", hold_reason="somebody else", moves_from="c2")
    for code in words.messages["findings"]:
        for who in person[:2]:
            store.finding(
                code,
                person_id=who,
                employer_id="e1",
                field="email",
                typed_value=f"{MARK} typed",
                args=marked_args(),
            )
    for cause in words.messages["refusals"]:
        store.dead_letter(person[2], f"{cause} email", field="email", message=f"{MARK}@x is taken")


def letter(report: Report, words: Words) -> str:
    return write_letter(report, words)


def mail(report: Report, words: Words) -> str:
    asked = Mail.model_validate(
        {"to": "hr@example.nl", "from": "s@example.nl", "server": "mail", "report": "always"}
    )
    message = write_message(asked, report, words)
    parts = [str(part.get_payload(decode=True), "utf-8") for part in message.iter_parts()]  # type: ignore[arg-type]
    return "\n".join([message["Subject"], *parts])


def page(report: Report, words: Words) -> str:
    return render_page(report, words, staging_path=None)


@pytest.mark.parametrize(
    ("write", "is_masked"),
    [(letter, False), (mail, True), (page, True)],
    ids=["letter", "mail", "page"],
)
def test_nothing_that_tells_who_somebody_is_goes_round(
    store: StoreBuilder, write: Any, is_masked: bool
) -> None:
    dreadful_night(store, load_words("en"))
    report = build_report(store.connection, RUN, is_masked=is_masked)
    assert MARK in page(build_report(store.connection, RUN), load_words("en")), "control"
    for language in LANGUAGES:
        text = write(report, load_words(language))
        assert len(text) > 500
        around = [
            text[max(0, at - 60) : at + 40] for at in range(len(text)) if text.startswith(MARK, at)
        ]
        assert around == []
        assert not re.search(r"77\W?123", text), "an amount is somebody's pay"


@pytest.mark.parametrize("field", [*column_purposes()["common"], "phone", "bsn", None])
def test_a_finding_shows_no_name_of_anybody_whatever_the_field(field: str | None) -> None:
    purpose = column_purposes()["common"].get(field or "")
    typed, args = without_names(field, f"{MARK} typed", marked_args())
    names = {
        name
        for name, why in column_purposes()["finding"].items()
        if why.data in ("identity", "contact")
    }
    assert names and not [name for name in names if MARK in str(args[name])]
    if purpose is not None and purpose.data in ("identity", "contact"):
        assert MARK not in str((typed, args))
