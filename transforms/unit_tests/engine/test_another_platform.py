"""A store that was filled at one environment of the platform, and settings that name another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from people_transforms.delivery.vendor import Account
from people_transforms.errors import ConfigError
from people_transforms.planning import same_platform

from .conftest import Engine, MemoryVendor, person

pytestmark = pytest.mark.few(1)

TRIAL, REAL = "https://trial.example.nl/api", "https://real.example.nl/api"


@pytest.fixture
def engine(make_engine: Callable[..., Engine]) -> Engine:
    engine = make_engine(configuration={"api_url": TRIAL})
    engine.first_night(person(1), person(2), person(3))
    return engine


def goes_to(engine: Engine, address: str, vendor: MemoryVendor | None = None) -> None:
    """Somebody enters another address of the platform; the store stays."""
    engine.settings = engine.settings.model_copy(update={"configuration": {"api_url": address}})
    engine.vendor = vendor or engine.vendor


def strangers() -> MemoryVendor:
    """Other people have the ids there that ours have at the first environment."""
    vendor = MemoryVendor()
    for number in (1, 2, 3):
        fields = {"first_name": f"Other {number}", "email": f"other{number}@example.cz"}
        account_id = str(number)
        vendor.held[account_id] = Account("A", account_id, True, None, fields=fields)
    return vendor


@pytest.mark.parametrize("there", [MemoryVendor, strangers])
@pytest.mark.parametrize(
    "hr", [[], [person(1, first_name="Eva")], [person(1, email="new@example.cz"), person(4)]]
)
@pytest.mark.drawn(3)
def test_a_store_of_another_environment_is_refused_and_nobody_is_touched(
    engine: Engine, there: Callable[[], MemoryVendor], hr: list[dict[str, Any]]
) -> None:
    own = engine.vendor
    goes_to(engine, REAL, there())
    before = dict(engine.vendor.held)
    engine.mart(
        *hr, *(person(n) for n in (1, 2, 3) if n not in {int(p["person_id"][1:]) for p in hr})
    )
    for _ in range(2):
        with pytest.raises(ConfigError, match="another environment"):
            engine.next_night()
        assert (engine.vendor.held, engine.vendor.calls) == (before, [])
    # The control: with the first address again all goes on.
    goes_to(engine, TRIAL)
    engine.vendor = own
    engine.next_night()
    assert len(engine.vendor.calls) == len(hr)


def test_a_platform_that_moved_goes_on_with_the_accounts_that_it_has(engine: Engine) -> None:
    """The control: another address, the same accounts; one was renamed and one deleted by hand."""
    goes_to(engine, REAL)
    engine.vendor.held["2"] = replace(engine.vendor.held["2"], fields={"first_name": "Iva"})
    del engine.vendor.held["3"]
    engine.mart(person(1, first_name="Eva"), person(2), person(3))
    engine.next_night()
    assert engine.vendor.calls == [("update", "x-p0001")]
    reads = engine.vendor.lists_read
    engine.next_night()
    assert engine.vendor.lists_read == reads, "an address is compared once"


def test_the_same_address_in_another_spelling_is_the_same(engine: Engine) -> None:
    reads = engine.vendor.lists_read
    goes_to(engine, TRIAL + "/")
    engine.next_night()
    assert engine.vendor.lists_read == reads


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        ("HTTPS://Trial.Example.NL:443/api/ ", True),
        ("https://trial.example.nl/API", False),
        ("https://trial.example.nl:8443/api", False),
        (REAL, False),
    ],
)
def test_a_platform_is_one_however_its_host_is_spelled(
    make_engine: Callable[..., Engine], other: str, is_same: bool
) -> None:
    """Two connections of a lake that write it differently would not be told that they share people."""
    one, two = (
        same_platform.mark_of(make_engine(configuration={"api_url": address}).settings)
        for address in (TRIAL, other)
    )
    assert (one == two) is is_same
