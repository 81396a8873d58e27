"""Which lake and which connection the settings mean, and what they never show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from people_transforms.errors import ConfigError
from people_transforms.settings import WarehouseSettings, parse_settings
from people_transforms.store.lake.attach import open_command
from people_transforms.store.lake.place import LakePlace
from people_transforms.store.warehouse import store_paths

pytestmark = pytest.mark.few(5)

SECRET = "sesam-open-u"
LAKE = {
    "type": "ducklake",
    "catalog": f"postgres:host=db.example.com user=people password={SECRET}",
    "data_path": "lake",
}
ALLEO = {"companies": [{"company_id": "502", "employer_id": "E"}, {"company_id": 87}]}


def place(
    config: dict[str, Any] = ALLEO, vendor: str = "alleo", **settings: Any
) -> LakePlace | None:
    warehouse = WarehouseSettings(**{**LAKE, **settings})
    return store_paths(warehouse, vendor, Path("/srv"), config).lake


@pytest.mark.parametrize(
    ("vendor", "config", "expected"),
    [
        ("alleo", ALLEO, "alleo-87"),
        ("alleo", {"companies": [*ALLEO["companies"], {"company_id": 901}]}, "alleo-87"),
        ("lunchdrive", {"client_id": 32567}, "lunchdrive-32567"),
        ("lunchdrive", {"mode": {"mode": "single", "client_id": "32567"}}, "lunchdrive-32567"),
        ("lunchdrive", {"allowed_client_ids": [9, "8"], "client_id": None}, "lunchdrive-8"),
    ],
)
def test_the_lowest_account_names_the_connection(
    vendor: str, config: dict[str, Any], expected: str
) -> None:
    found = place(config, vendor)
    assert found is not None
    assert found.connection_id == expected


def test_a_given_name_is_taken(tmp_path: Path) -> None:
    found = place(connection_id="bakery")
    assert found is not None
    assert found.connection_id == "bakery"
    paths = store_paths(WarehouseSettings(**LAKE, connection_id="bakery"), "alleo", tmp_path, {})
    assert paths.folder == tmp_path / ".people-sync" / "bakery"
    assert not paths.publishes_file


def test_a_configuration_without_accounts_must_name_the_connection() -> None:
    with pytest.raises(ConfigError, match="warehouse.connection_id"):
        place({})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"catalog": "sqlite:people.db"}, "warehouse.catalog"),
        ({"catalog": None}, "warehouse.catalog"),
        ({"data_path": None}, "warehouse.data_path"),
    ],
)
def test_a_setting_that_cannot_work_is_named(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        place(**settings)


def test_no_password_is_shown() -> None:
    warehouse = WarehouseSettings(**LAKE, s3_secret=SECRET)
    paths = store_paths(warehouse, "alleo", Path("/srv"), ALLEO)
    assert paths.lake is not None
    assert SECRET in paths.lake.catalog, "control"
    for shown in (repr(warehouse), str(warehouse), repr(paths), repr(paths.lake)):
        assert SECRET not in shown


def test_the_catalog_reaches_the_settings_and_not_the_models() -> None:
    variant = {"properties": {"catalog": {"type": "string", "airbyte_secret": True}}}
    spec = {"properties": {"warehouse": {"type": "object", "oneOf": [variant]}}}
    settings = parse_settings({"warehouse": LAKE}, spec, vendor="alleo", source_system="loket")
    assert settings.warehouse.catalog is not None
    assert settings.warehouse.catalog.get_secret_value() == LAKE["catalog"]
    assert SECRET not in str(settings.configuration)
    assert SECRET not in repr(settings)


def test_a_bucket_takes_its_rights_from_the_settings_before_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of the environment")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret of the environment")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_REGION", raising=False)
    found = place(data_path="s3://people/data", s3_key_id="given", s3_endpoint="https://s3.example")
    assert found is not None
    assert found.data_path == "s3://people/data/"
    assert found.storage == {
        "key_id": "given",
        "secret": "secret of the environment",
        "region": "eu-west-1",
        "endpoint": "https://s3.example",
    }


def test_an_analyst_is_told_how_to_open_the_lake_without_its_password() -> None:
    found = place()
    assert found is not None
    line = open_command(found)
    assert line.startswith("attach 'ducklake:postgres:host=db.example.com' as lake")
    assert SECRET not in line
