"""The other pages of the desk: the night, people, what to mend, what HR may set, and all connections."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from contextlib import AbstractContextManager

import duckdb
import pytest
import yaml
from people_sync.commands.store import Store, look_at
from people_sync.connection.run_lock import run_lock
from people_sync.desk import overview
from people_sync.desk.mail_list import read_mail_list, write_mail_list
from people_sync.desk.overview import Fleet

from .conftest import HR, LATER_RUN, OTHER_HR, RUN, SUPPORT, Desk, Night

pytestmark = pytest.mark.few(9)


def test_the_first_page_says_how_the_night_went_and_lists_the_nights_before(desk: Desk) -> None:
    desk.night(outcome="done")(lambda night: night.plans(1, "create", None, outcome="confirmed"))
    desk.night(run_id=LATER_RUN)(lambda night: night.plans(2, "deactivate"))
    page = desk.signed_in().open("/c/bakkerij").text
    assert page.index(LATER_RUN) < page.index(f"/report/{RUN}")
    assert "<b>1</b> wait for you" in page
    assert 'href="/c/bakkerij/approvals"' in page


def test_a_night_that_could_not_read_hr_is_the_last_one_and_hides_no_other(desk: Desk) -> None:
    desk.night()(lambda night: night.plans(1, "deactivate"))
    desk.night(run_id=LATER_RUN, plan_hash=None, outcome="failed", status="hr_unreachable")(
        lambda night: None
    )
    visitor = desk.signed_in()
    assert "Loket could not be read." in visitor.open("/c/bakkerij").text
    assert "Loket could not be read." in visitor.open("/c/bakkerij/report").text
    # Control: the night before is still there, and who may decide finds the way from its report.
    before = visitor.open(f"/c/bakkerij/report/{RUN}").text
    assert "could not be read" not in before
    assert '<a class="button" href="/c/bakkerij/approvals">' in before


def test_a_run_that_failed_and_left_no_record_is_told_as_status_tells_it(desk: Desk) -> None:
    """A damaged or full store: the desk went on showing the night before."""
    kept = desk.folder / "bakkerij" / ".people-sync" / "connection.status.json"
    visitor, support = desk.signed_in(), desk.signed_in(SUPPORT)

    def failed(at: str, status: str = "failed") -> tuple[bool, bool]:
        kept.write_text(json.dumps({"status": status, "at": at}))
        page, fleet = visitor.open("/c/bakkerij").text, support.open("/connections").text
        row = next(one for one in fleet.split("<tr>") if "/c/bakkerij" in one)
        assert ("technical fault" in page) is ("could not be recorded" in page)
        return "could not be recorded" in page, 'class="state failed"' in row

    kept.parent.mkdir()
    assert failed("2026-03-02T05:00:00+00:00") == (True, True)
    desk.night(outcome="done", status="in_order")(lambda night: None)
    assert failed("2026-03-02T05:00:00+00:00") == (True, True)
    assert "Everything is in order" not in visitor.page.text
    # Control: what is recorded since, or is no failure, stands.
    assert failed("2026-03-02T00:00:00+00:00") == (False, False)
    assert failed("2026-03-02T05:00:00+00:00", "quiet") == (False, False)
    assert "Everything is in order" in visitor.page.text
    desk.night(run_id=LATER_RUN, outcome=None, status=None)(lambda night: None)
    assert failed("2026-03-04T05:00:00+00:00") == (True, True), "cut off, and then failed"


def test_people_are_found_by_name_mail_and_number_without_accents_and_in_any_order(
    desk: Desk,
) -> None:
    desk.night()(lambda night: night.has_account(2))
    visitor = desk.signed_in()
    for asked, found in (
        ("zofie", ["Persoon2", "Persoon6", "Persoon10"]),
        ("persoon2 ŽOFIE", ["Persoon2"]),
        ("p11@example.nl", ["Persoon11"]),
        ("P12", ["Persoon12"]),
        ("%", []),
        ("nobody", []),
    ):
        page = visitor.open("/c/bakkerij/people", params={"q": asked}).text
        names = [f"Persoon{n}" for n in range(1, 13) if f"Persoon{n}<" in page]
        assert sorted(names) == sorted(found), asked
    page = visitor.open("/c/bakkerij/people", params={"place": "501"}).text
    assert "1 person found." in page and "Persoon2<" in page


def test_people_as_csv_are_those_of_the_search_and_who_took_them_is_kept(desk: Desk) -> None:
    def oddly_named(night: Night) -> None:
        night.connection.execute(
            "update people.people set first_name = '=HYPERLINK()' where personal_number = 'P3'"
        )

    desk.night()(oddly_named)
    visitor = desk.signed_in()
    text = visitor.open("/c/bakkerij/people.csv?q=P3").content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["personal_number"] == "P3" and row["person_name"].startswith("'=")
    assert desk.actions()[0] == "people_exported"


def test_what_to_mend_is_by_cause_with_its_day_and_what_was_solved_last_night(desk: Desk) -> None:
    def first(night: Night) -> None:
        night.finds(1)
        night.finds(2)
        night.finds(3, "email_shared", valid_to_run=LATER_RUN)

    desk.night()(first)
    desk.night(run_id=LATER_RUN)(lambda night: night.finds(4))
    page = desk.signed_in().open("/c/bakkerij/to-do").text
    open_part, _, solved = page.partition("Solved last night")
    assert "3 points" in open_part and "since 2\N{NO-BREAK SPACE}March 2026" in open_part
    assert open_part.count('class="state new"') == 1
    assert "Persoon3" in solved and "Persoon1" not in solved


def test_a_cause_is_left_out_until_a_day_with_a_reason_and_comes_back(desk: Desk) -> None:
    desk.night()(lambda night: night.finds(1))
    visitor, page = desk.signed_in(), "/c/bakkerij/to-do"
    for until, reason in (
        ("2026-03-02", "x"),
        ("2030-01-01", "x"),
        ("soon", "x"),
        ("2026-04-01", ""),
    ):
        visitor.open(page)
        assert visitor.send(page, "until", until=until, reason=reason).status_code == 422
    visitor.open(page)
    visitor.send(page, "until", until="2026-04-01", reason="In april komt er een adres")
    assert "There is nothing to mend." in visitor.page.text
    assert "In april komt er een adres" in visitor.page.text
    desk.now[0] = dt.datetime(2026, 3, 31, 12, tzinfo=dt.UTC)
    assert "There is nothing to mend." in desk.signed_in().open(page).text
    desk.now[0] = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)
    assert "There is nothing to mend." not in desk.signed_in().open(page).text
    assert "cause_ignored" in desk.actions()


def test_a_cause_can_be_put_back_at_once(desk: Desk) -> None:
    desk.night()(lambda night: night.finds(1))
    visitor, page = desk.signed_in(), "/c/bakkerij/to-do"
    visitor.open(page)
    visitor.send(page, "until", until="2026-04-01", reason="later")
    visitor.send(page, "back", what="back")
    assert "There is nothing to mend." not in visitor.page.text


# What HR may set.


def config(desk: Desk, name: str = "menza") -> dict[str, object]:
    read: dict[str, object] = json.loads((desk.folder / name / "destination.json").read_text())
    return read


def invited(night: Night) -> None:
    for number in (1, 2, 3, 4):
        night.has_account(number, "lunchdrive")
    night.has_account(5, "lunchdrive", fields="{}")
    night.has_account(6, "lunchdrive", state="inactive")
    sent = {"vendor": "lunchdrive", "account_key": "501"}
    night.insert("sync.invitations", person_id="loket:e1:1", status="sent", **sent)
    night.insert("sync.invitations", person_id="loket:e1:2", status="silent", **sent)


def test_inviting_everybody_asks_again_with_the_number_of_mails(desk: Desk) -> None:
    desk.night("menza")(invited)
    visitor, page = desk.signed_in(OTHER_HR), "/c/menza/settings"
    assert "(3 mails)" in visitor.open(page).text
    visitor.send(page, "i-off", invitations="all_not_yet_invited")
    assert "The next run sends 3 invitations." in visitor.page.text
    assert "invitations" not in config(desk)
    visitor.send(page, "sure")
    assert config(desk)["invitations"] == "all_not_yet_invited"
    assert config(desk)["secret_key"] == "a-very-secret-key"
    assert "piet@example.nl" in visitor.page.text
    assert desk.actions()[0] == "setting_changed"


def test_a_yes_to_another_number_of_mails_asks_again(desk: Desk) -> None:
    desk.night("menza")(invited)
    visitor, page = desk.signed_in(OTHER_HR), "/c/menza/settings"
    visitor.open(page)
    visitor.send(page, "i-off", invitations="all_not_yet_invited")
    desk.night("menza", LATER_RUN)(lambda night: night.has_account(7, "lunchdrive"))
    visitor.send(page, "sure")
    assert "The next run sends 4 invitations." in visitor.page.text
    assert "invitations" not in config(desk)


def test_switching_the_import_off_asks_again_and_on_does_not(desk: Desk) -> None:
    visitor, page = desk.signed_in(OTHER_HR), "/c/menza/settings"
    visitor.open(page)
    visitor.send(page, "m-on", imports="off")
    assert "import_employees" not in config(desk)
    visitor.send(page, "sure")
    assert config(desk)["import_employees"] is False
    visitor.send(page, "m-on", imports="on")
    assert config(desk)["import_employees"] is True


def test_alleo_has_no_invitations_of_ours_and_a_form_by_hand_changes_nothing(desk: Desk) -> None:
    visitor, page = desk.signed_in(), "/c/bakkerij/settings"
    assert "Invitations" not in visitor.open(page).text
    for what in ("invitations", "imports", "secret_key", "access_key"):
        visitor.open(page)
        answer = visitor.send(page, what=what, invitations="off", imports="on", secret_key="x")
        assert answer.status_code == 422
    assert set(config(desk, "bakkerij")) == {"access_key", "secret_key"}


def test_the_language_and_the_morning_mail_are_written_and_the_rest_of_the_file_stays(
    desk: Desk,
) -> None:
    visitor, page = desk.signed_in(), "/c/bakkerij/settings"
    visitor.open(page)
    visitor.send(page, "l-nl", language="cs")
    assert config(desk, "bakkerij")["report_language"] == "cs"
    for wrong in ("", "joke", "a@b@c", "a@example.nl, <script>"):
        visitor.open(page)
        answer = visitor.send(page, "addresses", addresses=wrong)
        assert answer.status_code == 422
    visitor.open(page)
    visitor.send(page, "addresses", addresses="an@example.nl; bo@example.nl")
    path = desk.folder / "bakkerij" / "connection.yaml"
    assert read_mail_list(path) == ("an@example.nl", "bo@example.nl")
    text = path.read_text()
    assert text.startswith("# Ours.\n") and "server: mail.example.com" in text


@pytest.mark.parametrize(
    "written", ["joke@example.nl", "[a@example.nl, b@example.nl]", '"q@example.nl"']
)
def test_the_list_is_replaced_however_it_was_written(desk: Desk, written: str) -> None:
    path = desk.folder / "list.yaml"
    path.write_text(
        f"alarms:\n  email:\n    to: {written} # who\n    from: x@example.nl\nstate: s\n"
    )
    write_mail_list(path, ["new@example.nl"])
    assert read_mail_list(path) == ("new@example.nl",)
    assert yaml.safe_load(path.read_text())["state"] == "s"


def test_a_setting_is_not_changed_under_a_run(desk: Desk) -> None:
    visitor, page = desk.signed_in(), "/c/bakkerij/settings"
    visitor.open(page)
    with run_lock(desk.folder / "bakkerij" / ".people-sync" / "state.json"):
        assert visitor.send(page, "l-nl", language="cs").status_code == 409
    assert "report_language" not in config(desk, "bakkerij")


# What cannot be read is not what there is not yet.

PAGES_OF_A_STORE = ("", "/report", "/people", "/people.csv", "/approvals", "/held.csv", "/to-do")


@pytest.mark.parametrize("page", PAGES_OF_A_STORE)
def test_before_the_first_night_a_page_says_that_there_was_none(desk: Desk, page: str) -> None:
    answer = desk.signed_in(HR).open(f"/c/bakkerij{page}")
    assert answer.status_code in (200, 404)
    assert "This did not work" not in answer.text


@pytest.mark.parametrize("page", PAGES_OF_A_STORE)
def test_a_damaged_store_is_never_shown_as_nothing_to_do(desk: Desk, page: str) -> None:
    desk.night(outcome="done", status="in_order")(lambda night: None)
    visitor = desk.signed_in(HR)
    desk.store().paths.staging.write_bytes(b"no database" * 999)
    answer = visitor.open(f"/c/bakkerij{page}")
    assert answer.status_code == 500
    assert "This did not work" in answer.text


def test_only_nights_that_were_cut_off_are_no_night_but_are_shown(desk: Desk) -> None:
    desk.night(outcome=None)(lambda night: None)
    page = desk.signed_in(HR).open("/c/bakkerij").text
    assert "No run yet" in page and "cut off" in page


# All connections.


def test_support_sees_all_connections_worst_first(desk: Desk) -> None:
    desk.night(outcome="done")(lambda night: None)
    desk.night("menza", outcome="failed")(lambda night: None)
    page = desk.signed_in(SUPPORT).open("/connections").text
    assert page.index("/c/menza") < page.index("/c/bakkerij")
    assert "2 connections." in page


def test_what_was_read_of_a_file_is_kept_until_the_file_is_replaced(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred files are not opened for each look; how soon that is, `make bench` measures."""
    desk.night(outcome="done", status="in_order")(lambda night: None)
    opened: list[str] = []

    def looked_at(store: Store) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        opened.append(store.paths.staging.parent.name)
        return look_at(store)

    monkeypatch.setattr(overview, "look_at", looked_at)
    fleet = Fleet()
    for _ in range(3):
        rows = {row.name: row.state for row in fleet.rows(desk.office.connections)}
        assert rows == {"bakkerij": "in_order", "menza": "never ran"}
    assert opened.count("alleo") == 1
    desk.night(run_id=LATER_RUN, outcome="held", status="held")(lambda night: None)
    assert {row.state for row in fleet.rows(desk.office.connections)} == {"held", "never ran"}
    assert opened.count("alleo") == 2


def test_what_an_earlier_release_published_is_said_and_hides_no_other_connection(
    desk: Desk,
) -> None:
    desk.night()(
        lambda night: night.connection.execute("alter table sync.runs drop status") and None
    )
    desk.night("menza", outcome="done", status="in_order")(lambda night: None)
    visitor = desk.signed_in(SUPPORT)
    assert visitor.open("/c/bakkerij").status_code == 409
    assert "One more run is needed" in visitor.page.text
    page = visitor.open("/connections").text
    assert page.index("/c/bakkerij") < page.index("/c/menza")
    assert "cannot be read" in page and "no run yet" not in page


def test_a_night_without_a_plan_is_not_told_by_the_plan_of_the_night_before(desk: Desk) -> None:
    desk.night(outcome="done", status="in_order")(
        lambda night: night.plans(1, "create", None, outcome="confirmed")
    )
    desk.night(run_id=LATER_RUN, outcome="failed", status="hr_unreachable", plan_hash=None)(
        lambda night: None
    )
    page = desk.signed_in().open("/c/bakkerij").text
    assert "could not be read" in page.partition("<table")[0]
    assert "everything is in order" not in page.partition("<table")[0].lower()
