"""From the integration link to "active", for both pairs, each in another language."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from people_sandbox.client import Sandbox
from people_sandbox.webhook import Webhook

from .conftest import (
    WHO,
    answer_consent,
    loket_before_consent,
    open_customer,
    write_connection,
)

PEOPLE_SYNC = Path(sys.executable).parent / "people-sync"


def without_details(page: str) -> str:
    """What a reader sees without unfolding anything."""
    return re.sub(r"<details>.*?</details>", "", page, flags=re.DOTALL)


@pytest.mark.long
def test_a_dutch_customer_walks_from_the_link_to_active_and_the_next_run_sends_that_plan(
    box: Sandbox, tmp_path: Path
) -> None:
    configs = (loket_before_consent(box), box.config("destination-alleo"))
    connection = write_connection(tmp_path, "source-loket", "destination-alleo", configs)
    with open_customer(connection) as customer:
        customer.begin("nl")
        assert "Welke gegevens we uit Loket ophalen" in customer.page.text
        customer.send()
        assert "Naar Loket" in customer.page.text
        page = answer_consent(customer, "allow")
        assert customer.step == "destination", page.text
        assert "Alleo" in customer.send().text
        customer.open("/congratulations")
        assert "Gefeliciteerd" in customer.page.text
        customer.send()
        assert customer.step == "test"
        box.clear_requests()
        customer.send()
        assert customer.step == "test/progress"
        customer.open("/test")
        assert "Dit is een proefronde" in customer.page.text, customer.page.text
        assert box.requests("alleo", writes=True) == []
        report = customer.open("/report")
        assert '<html lang="nl">' in report.text
        customer.open("/employers")
        companies = {one["employer_id"]: one["company_id"] for one in configs[1]["companies"]}
        places = {f"place:{key}": str(place) for key, place in companies.items()}
        customer.send(employer=list(companies), **places)
        assert customer.step == "confirm", customer.page.text
        assert "U bevestigt als Joke de Vries." in customer.page.text
        customer.send(seen="1")
        assert "Actief sinds" in customer.page.text
    for name in ("source.json", "destination.json", ".people-sync/connection.onboarding.json"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    ended = subprocess.run(
        [PEOPLE_SYNC, "run", connection, "--output", "json"], capture_output=True, check=False
    )
    summary = json.loads(ended.stdout)
    assert (ended.returncode, summary["held"]) == (0, []), ended.stderr
    approved = customer.onboarding.journey.read().approved
    assert approved is not None
    created = [call for call in box.requests("alleo", writes=True) if call["status"] < 300]
    assert len(created) >= approved["counts"]["create"] > 0


@pytest.mark.long
def test_a_czech_customer_pastes_tokens_and_support_is_told_when_it_is_connected_and_active(
    box: Sandbox, tmp_path: Path, hook: Webhook
) -> None:
    right = box.config("source-alveno")["token"]
    configs = (
        {**box.config("source-alveno"), "token": ""},
        {**box.config("destination-lunchdrive"), "api_key": "", "mode": "single"},
    )
    connection = write_connection(tmp_path, "source-alveno", "destination-lunchdrive", configs)
    connection.write_text(f"{connection.read_text()}alarms: {{webhook: '{hook.url}'}}\n")
    with open_customer(connection) as customer:
        customer.begin("cs")
        customer.send()
        wrong = customer.send(token="mistyped-token-1234")
        assert wrong.status_code == 422
        assert "Alveno tento klíč nepřijímá" in wrong.text
        said = wrong.text.partition("<main")[2]
        assert "does not accept" in said and "does not accept" not in without_details(said)
        assert "mistyped-token-1234" not in wrong.text
        assert json.loads((tmp_path / "source.json").read_text())["token"] == ""
        assert "Klíč je v pořádku: Alveno" in customer.send(token=right).text
        customer.open("/destination")
        customer.send(api_key=box.config("destination-lunchdrive")["api_key"])
        assert "32567 (Praha)" in customer.page.text
        hook.status = 500
        assert "Podporu se nepodařilo informovat" in customer.open("/congratulations").text
        hook.status = 204
        assert "Podpora byla informována" in customer.send(again="1").text
        assert "Gratulujeme" in customer.page.text
        customer.send()
        assert customer.step == "employers", "one client is not chosen yet"
        customer.send(employer="alveno", mode="group", many="32567, 32568 32570")
        assert customer.step == "test", customer.page.text
        customer.send()
        assert "Toto je náhled" in customer.open("/test").text
        customer.open("/confirm")
        changed = customer.send(plan_hash="of-another-run", seen="1")
        assert (changed.status_code, "Něco se změnilo" in changed.text) == (409, True)
        customer.open("/confirm")
        assert customer.send().status_code == 422
        assert "Aktivní od" in customer.send(seen="1").text
        customer.begin("cs")
        again = customer.open("/test")
        assert "Integrace už je aktivní" in again.text
    told = [event["event"] for event in hook.events]
    each_time = ["signed_in", "access_changed", "access_changed", "activated", "signed_in"]
    assert sorted(told) == sorted(["onboarded", "held", *each_time])
    said = json.dumps(hook.events)
    assert WHO not in said and right not in said
    saved = json.loads((tmp_path / "destination.json").read_text())
    assert (saved["mode"], saved["allowed_client_ids"]) == ("group", ["32567", "32568", "32570"])
