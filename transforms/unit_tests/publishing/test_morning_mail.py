"""The morning mail: what needs HR, in their words; names only on request, commands never."""

from __future__ import annotations

import pytest
from people_sync.mail.alarms import Mail
from people_sync.mail.morning_mail import is_due, write_message
from people_transforms.publishing.build_report import build_report
from people_transforms.publishing.words import LANGUAGES, load_words
from people_transforms.status import STATUSES

from .conftest import RUN, StoreBuilder

ADDRESS = {"to": "hr@example.nl", "from": "sync@example.nl", "server": "mail.example.nl"}
DESK = "https://desk.example.nl/c/bakery"


def mail(**settings: object) -> Mail:
    return Mail.model_validate({**ADDRESS, "report": "always", **settings})


def parts_of(store: StoreBuilder, language: str, **settings: object) -> tuple[str, str, str]:
    """Subject, plain text and HTML."""
    asked = mail(**settings)
    report = build_report(store.connection, RUN, is_masked=not asked.with_names)
    message = write_message(asked, report, load_words(language))
    assert list(message.iter_attachments()) == []
    plain, html = message.iter_parts()
    return message["Subject"], plain.get_content(), html.get_content()


def busy_night(store: StoreBuilder) -> None:
    store.run(status="held", outcome="held")
    store.plan(store.person(1, "Anna"), "deactivate", hold="removals", leaving_kind="ended")
    person = store.person(2, "Bram")
    store.finding("email_invalid", person_id=person, typed_value="bram@@x", field="email")
    store.dead_letter(store.person(3, "Cees"), "422 email", field="email")


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_being_asked_it_names_nobody_and_shows_no_command(
    store: StoreBuilder, language: str
) -> None:
    busy_night(store)
    subject, plain, html = parts_of(store, language, desk=DESK)
    for text in (subject, plain, html):
        for secret in ("Anna", "Bram", "Cees", "bram@@x", "loket:e1", "people-sync", "c0ffee"):
            assert secret not in text
    assert plain.count("→ ") == html.count("→ ") + plain.count("Loket → Alleo") >= 3
    assert DESK in plain and DESK in html
    asked = parts_of(store, language, with_names=True)
    for text in asked[1:]:
        assert all(name in text for name in ("Anna", "Bram", "Cees"))


def test_a_hostile_name_stays_text(store: StoreBuilder) -> None:
    store.run(status="needs_you")
    person = store.person(2, "<script>alert(1)</script>")
    store.finding("email_missing", person_id=person, field="email")
    _, _, html = parts_of(store, "en", with_names=True)
    assert "<script" not in html and "&lt;script&gt;" in html


@pytest.mark.some(7)
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_status_has_its_letter(store: StoreBuilder, status: str, language: str) -> None:
    store.run(status=status)
    subject, plain, html = parts_of(store, language)
    for text in (subject, plain, html):
        assert "{" not in text and "…" not in text
    assert subject.startswith("Loket → Alleo: ")


def test_it_comes_always_or_only_when_somebody_is_needed(store: StoreBuilder) -> None:
    store.run(status="in_order")
    calm = build_report(store.connection, RUN)
    assert is_due(mail(), calm)
    assert not is_due(mail(report="when_needed"), calm)
    assert not is_due(mail(report=None), calm) and not is_due(None, calm)
    store.connection.execute("update sync.runs set status = 'hr_unreachable'")
    assert is_due(mail(report="when_needed"), build_report(store.connection, RUN))
    store.connection.execute("update sync.runs set status = 'in_order'")
    store.finding("email_missing", person_id=store.person(1), field="email")
    assert is_due(mail(report="when_needed"), build_report(store.connection, RUN))
