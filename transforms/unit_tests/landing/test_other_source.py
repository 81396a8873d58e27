"""A store belongs to one HR account: people of another one are refused, ordinary nights are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import duckdb
import orjson
import pytest
from people_transforms.errors import ConfigError
from people_transforms.landing.catalog import of_streams
from people_transforms.landing.land import Landing
from people_transforms.landing.messages import Intake, read_messages
from people_transforms.models.contracts import raw_streams
from people_transforms.store.warehouse import StorePaths, open_store

# Employer → employee id → last name.
World = Mapping[str, Mapping[str, str]]
Night = Callable[..., None]
OURS: World = {"E1": {str(n): f"Novák {n}" for n in range(1, 13)}}
FIRST_NAMES = ("Jan", "Eva", "Petr", "Ida", "Karel")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    paths = StorePaths(tmp_path / "staging.duckdb", tmp_path / "work" / "w.duckdb")
    with open_store(paths) as connection:
        yield connection


@pytest.fixture
def night(store: duckdb.DuckDBPyConnection, tmp_path: Path) -> Night:
    runs: list[str] = []

    def run(world: World, source: str = "alveno", first: int = 0, employers: str = "") -> None:
        runs.append(f"run-{len(runs) + 1}")
        streams = raw_streams(source)
        landing = Landing(
            store,
            streams,
            run_id=runs[-1],
            folder=tmp_path / "work",
            settings={},
            catalog=of_streams(streams),
        )
        landing.begin()
        for batch in read_messages(_lines(world, first, employers), frozenset(streams), Intake()):
            landing.land(batch)
        try:
            landing.finish(Intake())
        except ConfigError:
            store.execute("rollback")
            raise

    return run


def _lines(world: World, first: int, employers: str) -> Iterator[bytes]:
    for employer_id, people in world.items():
        yield _record("employers", employer_id=employer_id, id=employer_id, name=f"{employers}Alza")
        for number, (employee_id, name) in enumerate(people.items(), start=first):
            first_name = FIRST_NAMES[number % len(FIRST_NAMES)]
            yield _record(
                "employees",
                employer_id=employer_id,
                id=employee_id,
                employee_id=employee_id,
                first_name=first_name,
                last_name=name,
                email=f"{number}@example.cz",
                personalDetails={"firstName": first_name, "lastName": name},
            )


def _record(stream: str, **data: object) -> bytes:
    message = {"type": "RECORD", "record": {"stream": stream, "data": data, "emitted_at": 1}}
    return orjson.dumps(message) + b"\n"


def names(store: duckdb.DuckDBPyConnection) -> set[str]:
    rows = store.execute("select last_name from raw.alveno__employees where _valid_to_run is null")
    return {row[0] for row in rows.fetchall()}


def married(share: float) -> World:
    count = len(OURS["E1"]) * share
    return {
        "E1": {n: "Malá" if i < count else name for i, (n, name) in enumerate(OURS["E1"].items())}
    }


@pytest.mark.parametrize(
    "world",
    [
        # Small ids that meet, with one namesake; ids of another kind; other employers.
        {"E1": {str(n): f"Jansen {n}" for n in range(1, 13)}},
        {"E1": {str(n): "Novák 1" if n == 1 else f"Jansen {n}" for n in range(1, 13)}},
        {"E1": {f"guid-{n}": f"Jansen {n}" for n in range(1, 13)}},
        {"E9": {str(n): f"Jansen {n}" for n in range(1, 13)}},
        {"E9": {"500": "Jansen"}},
    ],
)
def test_people_of_another_account_are_refused_and_nothing_is_stored(
    night: Night, store: duckdb.DuckDBPyConnection, world: World
) -> None:
    night(OURS)
    before = names(store)
    for _ in range(2):
        with pytest.raises(ConfigError, match="another HR account"):
            night(world, first=2)
        assert names(store) == before
    # The right account again, after some nights.
    night(OURS)
    assert names(store) == before


@pytest.mark.parametrize(
    "world",
    [
        OURS,
        # Turnover of a third, everybody married, an employer more, one employer gone.
        {
            "E1": {n: name for n, name in OURS["E1"].items() if int(n) > 4}
            | {"90": "Nový", "91": "B"}
        },
        married(1.0),
        {**OURS, "E2": {str(n): f"Jansen {n}" for n in range(100, 140)}},
        # The same people under an employer's new name and id, as when a `tenant` is set.
        {"E9": OURS["E1"]},
        # Some newcomers are all that arrived of a list that broke off.
        {"E1": {"90": "Nový", "91": "Další"}},
        {},
    ],
)
def test_ordinary_nights_pass(night: Night, store: duckdb.DuckDBPyConnection, world: World) -> None:
    night(OURS)
    night(world, employers="Nová ")
    night(OURS)


def test_two_small_firms_are_told_apart_by_their_employers(night: Night) -> None:
    night({"E1": {"1": "Novák", "2": "Malá"}})
    night({"E1": {"1": "Novák", "2": "Jiný"}})
    with pytest.raises(ConfigError, match="other employers"):
        night({"E2": {"1": "Jansen", "2": "Bakker"}}, first=2)


def test_another_hr_system_is_refused(night: Night, store: duckdb.DuckDBPyConnection) -> None:
    night(OURS)
    with pytest.raises(ConfigError, match="another HR system"):
        night(OURS, source="loket")
    night(OURS)
