"""Pseudonyms are HMAC-SHA256, as Python's own module computes it."""

from __future__ import annotations

import hmac
import stat
from pathlib import Path

import duckdb
from hypothesis import given
from hypothesis import strategies as st
from people_transforms.privacy.pseudonyms import load_key, pseudonym_of, use_key

LEGIBLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)


@given(st.binary(min_size=32, max_size=32), LEGIBLE)
def test_a_pseudonym_is_the_standard_keyed_hash(key: bytes, text: str) -> None:
    with duckdb.connect() as connection:
        use_key(connection, key)
        row = connection.execute(f"select {pseudonym_of('$text')}", {"text": text}).fetchone()
    assert row == (f"pseudonym:{hmac.digest(key, text.encode(), 'sha256').hex()}",)


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    key = load_key(tmp_path)
    assert len(key) == 32
    assert load_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "pseudonym.key").stat().st_mode) == 0o600
    (tmp_path / "other").mkdir()
    assert load_key(tmp_path / "other") != key
