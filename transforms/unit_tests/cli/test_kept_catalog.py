"""A kept catalog is that of one connector, one version of its files and one configuration."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from people_transforms.commands.connection_file import Connector
from people_transforms.commands.kept_catalog import KeptCatalog

CATALOG = {"streams": [{"name": "people"}]}


@pytest.fixture
def kept(tmp_path: Path) -> KeptCatalog:
    """Of a connector that is installed here."""
    config = tmp_path / "source.json"
    config.write_text("{}")
    source = Connector("source-loket", Path(sys.executable).parent / "source-loket", config)
    catalog = KeptCatalog.beside(tmp_path / "state.json", source)
    catalog.keep(CATALOG, catalog.fingerprint())
    return catalog


def test_the_same_connector_need_not_be_asked(kept: KeptCatalog) -> None:
    assert kept.read(kept.fingerprint()) == CATALOG
    assert kept.path.stat().st_mode & 0o777 == 0o600


def test_another_configuration_or_connector_is_asked(kept: KeptCatalog) -> None:
    other = KeptCatalog(kept.path, replace(kept.source, name="source-alveno"))
    assert other.fingerprint() is not None
    assert other.read(other.fingerprint()) is None
    kept.source.config.write_text('{"fields": "all"}')
    assert kept.read(kept.fingerprint()) is None


def test_only_what_was_kept_is_renewed(kept: KeptCatalog) -> None:
    before = kept.fingerprint()
    kept.source.config.write_text('{"token": "renewed"}')
    kept.renew("another")
    assert kept.read(kept.fingerprint()) is None
    kept.renew(before)
    assert kept.read(kept.fingerprint()) == CATALOG


def test_a_connector_that_is_installed_elsewhere_is_always_asked(
    kept: KeptCatalog, tmp_path: Path
) -> None:
    for source in (
        replace(kept.source, program=tmp_path / "source-loket"),
        replace(kept.source, name="source-nobody"),
        replace(kept.source, config=tmp_path / "none.json"),
    ):
        elsewhere = KeptCatalog(kept.path, source)
        assert elsewhere.fingerprint() is None
        elsewhere.keep({"streams": []}, elsewhere.fingerprint())
        assert elsewhere.read(elsewhere.fingerprint()) is None
    assert kept.read(kept.fingerprint()) == CATALOG, "what was kept before is still there"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"of": null}', b"[" * 100_000])
def test_a_damaged_file_is_as_none(kept: KeptCatalog, content: bytes) -> None:
    kept.path.write_bytes(content)
    assert kept.read(kept.fingerprint()) is None
