"""Approvals at the desk: bound to exactly what was shown, kept whatever is killed, told in words."""

from __future__ import annotations

import datetime as dt

import pytest
from people_sandbox.webhook import start_webhook
from people_sync.desk import news
from people_sync.desk.decisions import decide, settle
from people_sync.desk.held import read_held
from people_transforms.store.warehouse import hold_store

from .conftest import HR, LATER_RUN, RUN, SUPPORT, Desk, Night, Visitor, open_desk

pytestmark = pytest.mark.few(6)

PAGE = "/c/bakkerij/approvals"


def three_leave(night: Night) -> None:
    for number in (1, 2, 3):
        night.plans(number, "deactivate", ends_on=dt.date(2026, 2, 28))
    for number in (4, 5):
        night.plans(number, "create", "additions")
    night.plans(6, "update", "updates", changes='{"email": ["a@example.nl", null]}')
    night.plans(7, "deactivate", "not_read")


@pytest.fixture
def held(desk: Desk) -> Desk:
    desk.night()(three_leave)
    return desk


def look(desk: Desk, address: str = HR) -> Visitor:
    visitor = desk.signed_in(address)
    visitor.open(PAGE)
    return visitor


def test_what_is_held_is_shown_by_kind_with_names_reasons_and_what_a_yes_does(held: Desk) -> None:
    page = look(held).page.text
    for words in (
        "3 accounts would end",
        "Persoon1",
        "P1 · Bakkerij Jansen · 501",
        "3 accounts end and Alleo cancels their budgets, which cannot be brought back.",
        "2 new accounts are made and Alleo welcomes their owners by e-mail.",
        "<del>a@example.nl</del>",
        "No yes releases these.",
    ):
        assert words in page, words


def test_values_from_right_to_left_do_not_change_places(desk: Desk) -> None:
    """Between two of them the arrow would turn with them, and the new value would stand first."""
    changes = '{"last_name": ["כהן", "לוי"], "first_name": ["Eva\u202egnp", "Eva"]}'
    desk.night()(lambda night: night.plans(6, "update", "updates", changes=changes))
    visitor = look(desk)
    assert "<del>כהן</del>" in visitor.page.text and "<ins>לוי</ins>" in visitor.page.text
    assert "<del>Eva\u202egnp</del>" in visitor.page.text
    assert "del, ins { unicode-bidi: isolate; }" in visitor.open("/style.css").text


def test_approving_a_kind_is_kept_with_who_and_when_and_reaches_the_store(held: Desk) -> None:
    visitor = look(held)
    visitor.send(PAGE, "join.additions", what="approve_all")
    assert "2 approved by joke@example.nl" in visitor.page.text
    ((_, by, at, *_),) = held.approvals()
    assert by == HR and at == held.now[0]
    assert held.actions()[0] == "approved"


def test_removals_need_the_number_that_ends_and_a_sign_in_of_the_last_minutes(held: Desk) -> None:
    visitor = look(held)
    for count in ("", "2", "33", "drie"):
        answer = visitor.send(PAGE, "leave.removals", what="approve_all", count=count)
        assert (
            answer.status_code == 422 and "Type the number of accounts that end: 3" in answer.text
        )
        visitor.open(PAGE)
    held.now[0] += dt.timedelta(minutes=11)
    visitor.open(PAGE)
    assert "Ending accounts needs a sign-in" in visitor.page.text
    assert visitor.send(PAGE, "leave.removals", what="approve_all", count="3").status_code == 403
    assert held.approvals() == []
    # What ends nobody may be approved all day.
    visitor.open(PAGE)
    assert visitor.send(PAGE, "join.additions", what="approve_all").status_code == 200
    again = look(held)
    again.send(PAGE, "leave.removals", what="approve_all", count="3")
    assert "3 approved by" in again.page.text


def test_the_button_for_a_fresh_sign_in_leads_back_to_the_page(held: Desk) -> None:
    visitor = look(held)
    held.now[0] += dt.timedelta(minutes=11)
    visitor.open(PAGE)
    visitor.send(PAGE, "leave.removals", what="approve_all", count="3")
    visitor.send("/sign-in")
    link = held.said[-1].split()[-1]
    visitor.open(link)
    assert visitor.send(link).url.path == PAGE


def test_a_plan_that_changed_since_the_page_was_opened_is_not_approved_and_the_difference_is_said(
    held: Desk,
) -> None:
    visitor = look(held)

    def another(night: Night) -> None:
        for number in (2, 3, 8):
            night.plans(number, "deactivate")

    held.night(run_id=LATER_RUN)(another)
    answer = visitor.send(PAGE, "leave.removals", what="approve_all", count="3")
    assert answer.status_code == 409
    assert "1 is new" in answer.text and "Persoon8" in answer.text
    assert "1 is no longer asked for" in answer.text and "Persoon1" in answer.text
    assert "2 are the same as you saw." in answer.text
    assert held.approvals() == []


def test_the_same_rows_planned_again_are_approved_as_they_were_shown(held: Desk) -> None:
    visitor = look(held)
    held.night(run_id=LATER_RUN)(three_leave)
    visitor.send(PAGE, "leave.removals", what="approve_all", count="3")
    assert "3 approved by" in visitor.page.text


def test_a_no_needs_a_note_stands_while_the_rows_are_asked_for_and_can_be_taken_back(
    held: Desk,
) -> None:
    visitor = look(held)
    assert visitor.send(PAGE, "leave.removals", what="reject_all").status_code == 422
    visitor.open(PAGE)
    visitor.send(PAGE, "leave.removals", what="reject_all", note="De import van maandag was fout")
    assert "De import van maandag was fout" in visitor.page.text
    assert "approve_all" not in visitor.page.text.partition("2 accounts would be made")[0]
    assert held.approvals() == []
    held.night(run_id=LATER_RUN)(three_leave)
    assert "3 rejected by" in visitor.open(PAGE).text
    visitor.send(PAGE, "take_back", what="take_back")
    assert "3 rejected by" not in visitor.page.text
    assert held.actions()[:2] == ["rejection_ended", "rejected"]


def test_a_no_ends_when_the_rows_are_asked_for_no_more(held: Desk) -> None:
    visitor = look(held)
    visitor.send(PAGE, "leave.removals", what="reject_all", note="nee")
    held.night(run_id=LATER_RUN)(lambda night: night.plans(1, "deactivate", row_hash="other"))
    assert "rejected by" not in visitor.open(PAGE).text


def test_a_yes_during_a_run_is_kept_and_reaches_the_store_when_the_run_is_done(held: Desk) -> None:
    visitor = look(held)
    with hold_store(held.store().paths):
        answer = visitor.send(PAGE, "join.additions", what="approve_all")
        assert answer.status_code == 200
        assert "your yes is kept and counts from the next run" in answer.text
        settle(held.office)
    assert held.approvals() == []
    settle(held.office)
    settle(held.office)
    assert len(held.approvals()) == 1
    assert "The next run sends it." in visitor.open(PAGE).text


def test_a_desk_that_was_killed_after_the_store_had_the_yes_does_not_give_it_twice(
    held: Desk,
) -> None:
    visitor = look(held)
    visitor.send(PAGE, "join.additions", what="approve_all")
    (decision,) = held.office.records.decisions("bakkerij")
    held.office.records.set_state(decision, "pending")
    settle(held.office)
    assert len(held.approvals()) == 1


def test_what_no_yes_releases_cannot_be_approved_by_a_form_made_by_hand(held: Desk) -> None:
    visitor = look(held, SUPPORT)
    from people_sync.desk.held import read_held

    group = read_held(held.store()).group("leave.not_read")
    assert group is not None
    form = {"group": group.key, "digest": group.digest, "run": RUN, "what": "approve_all"}
    assert visitor.send(PAGE, count="1", **form).status_code == 422
    assert held.approvals() == []


def test_a_store_without_a_night_has_a_page_too(desk: Desk) -> None:
    visitor = look(desk)
    assert "Nothing waits for your approval." in visitor.page.text
    assert visitor.send(PAGE, group="leave.removals", what="approve_all").status_code == 200


def test_a_first_plan_is_approved_as_a_whole(desk: Desk) -> None:
    def first(night: Night) -> None:
        for number in (1, 2):
            night.plans(number, "create", "activation")
        night.plans(3, "update", "activation")

    desk.night(outcome="held", awaits_approval=True)(first)
    visitor = look(desk)
    assert "3 changes to begin with" in visitor.page.text
    assert 'type="checkbox"' not in visitor.page.text
    answer = visitor.send(PAGE, "begin.activation", what="approve_ticked", row="create-1")
    assert answer.status_code == 422 and "only be approved as a whole" in answer.text
    assert desk.approvals() == []
    visitor.open(PAGE)
    visitor.send(PAGE, "begin.activation", what="approve_all")
    assert len(desk.approvals()) == 1


def test_a_connection_in_which_everything_matches_goes_live_by_a_yes(desk: Desk) -> None:
    desk.night(awaits_approval=True)(lambda night: None)
    visitor = look(desk)
    assert "there is nothing to send" in visitor.page.text
    visitor.send(PAGE, "begin_empty", what="begin_empty")
    assert len(desk.approvals()) == 1


def test_single_rows_can_be_approved_and_only_they_are(held: Desk) -> None:
    visitor = look(held)
    visitor.send(PAGE, "join.additions", what="approve_ticked")
    assert visitor.page.status_code == 422 and "Tick somebody first." in visitor.page.text
    visitor.open(PAGE)
    visitor.send(PAGE, "join.additions", what="approve_ticked", row="create-4")
    assert "1 approved by" in visitor.page.text
    ((*_, rows),) = held.approvals()
    assert rows == ["create-4"]


def test_the_people_of_the_connection_are_told_each_time_and_later_where_nobody_answered(
    held: Desk,
) -> None:
    path = held.folder / "bakkerij" / "connection.yaml"
    connection, _ = path.read_text().split("alarms:")
    with start_webhook() as hook:
        path.write_text(f"{connection}alarms: {{webhook: '{hook.url}'}}\n")
        with open_desk(held.folder) as desk:
            look(desk).send(PAGE, "join.additions", what="approve_all")
            hook.status = 500
            news.tell_news(desk.office)
            assert (hook.events, hook.calls > 0) == ([], True)
            hook.status = 204
            news.tell_news(desk.office)
            news.tell_news(desk.office)
    assert [event["event"] for event in hook.events] == ["signed_in", "approved"]
    assert HR not in str(hook.events)


def test_of_two_forms_about_the_same_rows_that_come_at_once_one_decides(held: Desk) -> None:
    person = held.office.staff.find(HR)
    served = held.office.connections.find("bakkerij")
    assert person is not None and served is not None
    plan = read_held(served.store)
    rows = ("create-4", "create-5")
    for asked in (rows, rows, ("create-5",)):
        decide(held.office, served, person, "approve", plan, asked)
        held.now[0] += dt.timedelta(seconds=1)
    settle(held.office)
    assert len(held.approvals()) == 1
    held.now[0] += dt.timedelta(minutes=1)
    decide(held.office, served, person, "approve", plan, ("update-6",))
    settle(held.office)
    assert len(held.approvals()) == 2, "control: about other rows there is another decision"
