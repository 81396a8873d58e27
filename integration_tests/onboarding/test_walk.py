"""From the integration link to "active", for both pairs, each in another language."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

from people_sandbox.client import Sandbox

from .conftest import (
    answer_consent,
    loket_before_consent,
    open_customer,
    write_connection,
)

PEOPLE_SYNC = Path(sys.executable).parent / "people-sync"


def test_a_dutch_customer_walks_from_the_link_to_active_and_the_next_run_sends_that_plan(
    box: Sandbox, tmp_path: Path
) -> None:
    configs = (loket_before_consent(box), box.config("destination-alleo"))
    connection = write_connection(tmp_path, "source-loket", "destination-alleo", configs)
    with open_customer(connection) as customer:
        customer.begin("nl")
        assert "Wat in Loket wordt gelezen" in customer.page.text
        customer.send()
        assert "Naar Loket" in customer.page.text
        page = answer_consent(customer, "allow")
        assert page.url.path == "/destination", page.text
        assert "Alleo" in customer.send().text
        customer.open("/congratulations")
        assert "Gefeliciteerd" in customer.page.text
        customer.send()
        assert customer.page.url.path == "/test"
        box.clear_requests()
        customer.send()
        assert customer.page.url.path == "/test/progress"
        customer.open("/test")
        assert "Eerste voorbeeld" in customer.page.text, customer.page.text
        assert box.requests("alleo", writes=True) == []
        report = customer.open("/report")
        assert '<html lang="nl">' in report.text
        customer.open("/employers")
        companies = {one["employer_id"]: one["company_id"] for one in configs[1]["companies"]}
        places = {f"place:{key}": str(place) for key, place in companies.items()}
        customer.send(employer=list(companies), **places)
        assert customer.page.url.path == "/confirm", customer.page.text
        customer.send(name="Joke de Vries", seen="1")
        assert "Actief sinds" in customer.page.text
    for name in ("source.json", "destination.json", ".people-sync/connection.onboarding.json"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    ended = subprocess.run(
        [PEOPLE_SYNC, "run", connection, "--output", "json"], capture_output=True, check=False
    )
    summary = json.loads(ended.stdout)
    assert (ended.returncode, summary["held"]) == (0, []), ended.stderr
    approved = customer.desk.journey.read().approved
    assert approved is not None and summary["plan_hash"] == approved["plan_hash"]
    created = [call for call in box.requests("alleo", writes=True) if call["status"] < 300]
    assert len(created) >= approved["counts"]["create"] > 0
