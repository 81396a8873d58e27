"""A catalog that cannot work is refused with what to change in the connection."""

from __future__ import annotations

import pytest
from people_transforms.errors import ConfigError
from people_transforms.models.contracts import NEEDED_STREAMS
from people_transforms.writing import _check_streams


@pytest.mark.parametrize("prefix", ["loket_", "x", "employers_"])
def test_a_stream_prefix_is_named_as_what_it_is(prefix: str) -> None:
    with pytest.raises(ConfigError, match=f"Take the stream prefix out.*prefix={prefix}"):
        _check_streams([prefix + name for name in NEEDED_STREAMS], "loket")


@pytest.mark.parametrize(
    "names",
    [
        [*NEEDED_STREAMS, "absences"],
        ["a_employers", "b_employees", "c_employments"],
        [*NEEDED_STREAMS[:2], "x_employments"],
    ],
)
def test_other_names_are_named_themselves(names: list[str]) -> None:
    with pytest.raises(ConfigError, match="does not know"):
        _check_streams(names, "loket")


def test_a_right_catalog_passes() -> None:
    _check_streams(NEEDED_STREAMS, "loket")
