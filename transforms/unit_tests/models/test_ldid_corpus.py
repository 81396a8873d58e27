"""How people write an LDID, spelling by spelling (ldid_corpus.yaml), and what each one does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

CORPUS = [
    (note, kind, [str(client) for client in clients])
    for cases in yaml.safe_load(
        Path(__file__).with_name("ldid_corpus.yaml").read_text("utf-8")
    ).values()
    for note, kind, clients in cases
]
CLIENTS = ["32567", "32568", "40001"]


@pytest.fixture(scope="module")
def corpus(request: pytest.FixtureRequest) -> Any:
    """Everybody's note is one spelling of the corpus; built once."""
    world_class = request.getfixturevalue("world_class")
    pair = world_class("alveno", "lunchdrive", mode="group", allowed_client_ids=CLIENTS)
    for number, (note, _, _) in enumerate(CORPUS):
        pair.person(f"P{number}", start="2020-01-01", note=note)
    pair.build()
    routes = {row["person_id"]: row for row in pair.rows("mart.ldid_routes")}
    accounts: dict[str, list[tuple[str, str]]] = {}
    for row in pair.rows("mart.lunchdrive_diners"):
        accounts.setdefault(row["person_id"], []).append((row["account_key"], row["desired_state"]))
    return routes, accounts


def test_the_corpus_has_a_hundred_spellings_and_none_twice() -> None:
    assert len(CORPUS) >= 100
    assert len({note for note, _, _ in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("number", range(len(CORPUS)), ids=[repr(note) for note, _, _ in CORPUS])
def test_a_spelling_is_read_as_the_corpus_says(corpus: Any, number: int) -> None:
    routes, _ = corpus
    _, kind, clients = CORPUS[number]
    route = routes.get(f"alveno:E1:P{number}")
    read = ("none", []) if route is None else (route["kind"], sorted(route["client_ids"]))
    assert read == (kind, sorted(clients))


@pytest.mark.parametrize("number", range(len(CORPUS)), ids=[repr(note) for note, _, _ in CORPUS])
def test_a_spelling_creates_only_what_was_read_whole(corpus: Any, number: int) -> None:
    _, accounts = corpus
    _, kind, clients = CORPUS[number]
    ours = [client for client in clients if client in CLIENTS]
    if kind == "ids":
        expected = {(client, "active") for client in ours}
        if len(ours) < len(clients):
            expected.add(("*", "update_only"))
    else:
        states = {"skip": "untouched", "none": "ended"}
        expected = {("*", states.get(kind, "update_only"))}
    assert set(accounts[f"alveno:E1:P{number}"]) == expected
