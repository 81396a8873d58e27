"""A kept catalog is that of one connector, one version of its files and one configuration."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from people_sync.connection.connection_file import Connector
from people_sync.connection.kept_catalog import KeptCatalog

CATALOG = {"streams": [{"name": "people"}]}


@pytest.fixture
def kept(tmp_path: Path) -> KeptCatalog:
    """Of connectors that are installed here."""
    ends = []
    for name in ("source-loket", "destination-alleo"):
        config = tmp_path / f"{name}.json"
        config.write_text("{}")
        ends.append(Connector(name, Path(sys.executable).parent / name, config))
    catalog = KeptCatalog.beside(tmp_path / "state.json", *ends)
    catalog.keep(CATALOG, catalog.fingerprint())
    return catalog


def test_the_same_connector_need_not_be_asked(kept: KeptCatalog) -> None:
    assert kept.read(kept.fingerprint()) == CATALOG
    assert kept.path.stat().st_mode & 0o777 == 0o600


def test_another_configuration_or_connector_is_asked(kept: KeptCatalog) -> None:
    source, destination = kept.ends
    for other in (
        replace(kept, ends=(replace(source, name="source-alveno"), destination)),
        replace(kept, ends=(source, replace(destination, name="destination-lunchdrive"))),
    ):
        assert other.fingerprint() is not None
        assert other.read(other.fingerprint()) is None
    for end in kept.ends:
        before = end.config.read_bytes()
        end.config.write_text('{"fields": "all"}')
        assert kept.read(kept.fingerprint()) is None
        end.config.write_bytes(before)
        assert kept.read(kept.fingerprint()) == CATALOG


def test_only_what_was_kept_is_renewed(kept: KeptCatalog) -> None:
    before = kept.fingerprint()
    kept.ends[0].config.write_text('{"token": "renewed"}')
    kept.renew("another")
    assert kept.read(kept.fingerprint()) is None
    kept.renew(before)
    assert kept.read(kept.fingerprint()) == CATALOG


def test_a_connector_that_is_installed_elsewhere_is_always_asked(
    kept: KeptCatalog, tmp_path: Path
) -> None:
    source, destination = kept.ends
    for ends in (
        (replace(source, program=tmp_path / "source-loket"), destination),
        (replace(source, name="source-nobody"), destination),
        (replace(source, config=tmp_path / "none.json"), destination),
        (source, replace(destination, program=tmp_path / "destination-alleo")),
    ):
        elsewhere = replace(kept, ends=ends)
        assert elsewhere.fingerprint() is None
        elsewhere.keep({"streams": []}, elsewhere.fingerprint())
        assert elsewhere.read(elsewhere.fingerprint()) is None
    assert kept.read(kept.fingerprint()) == CATALOG, "what was kept before is still there"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"of": null}', b"[" * 100_000])
def test_a_damaged_file_is_as_none(kept: KeptCatalog, content: bytes) -> None:
    kept.path.write_bytes(content)
    assert kept.read(kept.fingerprint()) is None
