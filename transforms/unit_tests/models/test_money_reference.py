"""Amounts of money against a reference written another way, and any text at all."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from .drawn import drawn

GROUPS = {"": "", ".": ",", ",": ".", " ": ",", "'": "."}
REASONS = {"negative", "ambiguous", "too_many_decimals", "not_a_number", "too_large"}
FIELD = "alleo_monthly_food_budget"


@st.composite
def written(draw: st.DrawFn) -> tuple[str, int]:
    """An amount and one way to write it that can be read only as that amount."""
    euros, cents = draw(st.integers(0, 999_999_999)), draw(st.integers(0, 99))
    group = draw(st.sampled_from(sorted(GROUPS)))
    whole = f"{euros:,}".replace(",", group)
    decimals = f"{GROUPS[group] or draw(st.sampled_from('.,'))}{cents:02}"
    text = draw(st.sampled_from(["{}", "€ {}", "€{}", "EUR {}", "{} euro", " {} ", "{} €"]))
    return text.format(whole + decimals), int(Decimal(euros) * 100) + cents


def amounts_of(world_class: Any, texts: list[str]) -> dict[str, tuple[int | None, str | None]]:
    """What the model makes of each text."""
    pair = world_class("loket", "alleo")
    for number, text in enumerate(texts):
        pair.person(f"P{number}", start="2020-01-01")
        pair.field(FIELD, text, f"P{number}")
    pair.build()
    found = {
        row["typed_value"]: (row["amount_cents"], row["reject_reason"])
        for row in pair.rows("mart.alleo_amounts")
    }
    pair.connection.close()
    return found


def test_an_amount_is_read_to_the_cent_however_it_is_written(world_class: Any) -> None:
    amounts = drawn(written(), 200)
    assert len(amounts) > 120
    found = amounts_of(world_class, [text for text, _ in amounts])
    for text, cents in amounts:
        assert found[text.strip()] == (cents, None), text


SIGNS = "0123456789.,-+ '€eE%x\u2212\u00a0\uff15٣"


def test_any_text_is_an_amount_of_its_own_digits_or_has_a_reason(world_class: Any) -> None:
    texts = drawn(st.text(SIGNS, min_size=1, max_size=12), 250)
    assert len(texts) > 120
    for text, (cents, reason) in amounts_of(world_class, texts).items():
        assert (cents is None) == (reason in REASONS), text
        if cents is not None:
            # `50,-` is the only place for a dash.
            assert not set("-+%x\u2212") & set(text.rstrip(" \u00a0€-\u2212")), text
            digits = "".join(c for c in text.replace("\uff15", "5") if c in "0123456789")
            assert str(cents).rstrip("0") == digits.lstrip("0").rstrip("0"), text
