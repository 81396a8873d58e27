"""Companies and clients keep the names that the platform gave them."""

from __future__ import annotations

from people_transforms.delivery.vendor import Place
from people_transforms.places import load_places, store_places

from .conftest import StoreBuilder


def test_a_place_is_renamed_and_one_that_is_gone_keeps_its_name(store: StoreBuilder) -> None:
    store_places(store.connection, "alleo", [Place("7", "Jansen"), Place("8", None)])
    store_places(store.connection, "alleo", [Place("8", "De Molen")])
    store_places(store.connection, "alleo", [])
    assert load_places(store.connection) == {"7": "Jansen", "8": "De Molen"}
    rows = store.connection.execute("select count(*) from sync.places").fetchone()
    assert rows == (2,)
