r"""RE2's patterns as Java must have them; that they match alike is seen on Spark itself."""

from __future__ import annotations

import pytest

from .regexes import java


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("^a.b$", r"^a[^\n]b\z"),
        (r"\s[^\s@]", r"[\t\n\f\r ][^\t\n\f\r \x{40}]"),
        (r"[\pL\pN-]{2,}", r"[\pL\pN\x{2d}]{2,}"),
        (r"x{1,3}, (a|b)*?", r"x{1,3}\x{2c} (a|b)*?"),
        (r"\x{a0}\.\\", r"\x{a0}\x{2e}\x{5c}"),
        ("(?i)ž", "[Žž]"),
        ("(?i:k)k", "(?:[Kk\u212a])k"),
        ("(x(?i)a)a", "(x[Aa])a"),
        ("(?i)[a-b5]", "[AaBb5]"),
    ],
)
def test_a_pattern_keeps_its_meaning_in_java(ours: str, theirs: str) -> None:
    assert java(ours) == theirs


def test_a_boundary_is_one_of_ascii_words() -> None:
    assert "(?<=[0-9A-Za-z_])(?![0-9A-Za-z_])" in java(r"\b42")


@pytest.mark.parametrize("pattern", [r"\d", "(?P<name>a)", "(?m)^a", r"\Qa\E", r"\z"])
def test_what_is_not_known_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="unknown"):
        java(pattern)
