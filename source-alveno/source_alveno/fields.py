"""Which key of Alveno's is which field of ours, and what becomes of its value.

The names are in manifest.yaml; `field_names` goes over them. A key that is configured and that no
record has stops the read: without notes nobody has a canteen, without last days nobody ever leaves.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from itertools import repeat
from typing import Any
from unicodedata import normalize
from zoneinfo import ZoneInfo, available_timezones

import orjson
from people_connector.guard import config_error

from source_alveno.dates import UNREADABLE, DayReader

Row = dict[str, Any]

DAYS = frozenset({"valid_from", "valid_to", "start_date"})
# What is printed as null: the CDK leaves out a None, and a field that is empty is not one unknown.
NULL = Enum("Null", {"NULL": None}).NULL  # type: ignore[attr-defined]
_FLAGS = {"true": True, "1": True, "false": False, "0": False}

logger = logging.getLogger("airbyte.source-alveno")


@dataclass(frozen=True, slots=True)
class KeyNames:
    """The names of one kind of record, ours → the vendor's (None: switched off)."""

    kind: str
    names: dict[str, Any]
    required: set[str]

    def require(self, present: set[str]) -> None:
        """Raise a configuration error for a key that no record has: names only, never values."""
        setting, stopping = f"field_names.{self.kind}", []
        for ours, theirs in self.names.items():
            if theirs is None or theirs in present:
                continue
            text = f"No {self.kind} has the key {theirs} (for {ours}).{nearest(theirs, present)}"
            if ours in self.required:
                stopping.append(f"{text} Set {setting}.{ours} to the right name, or to null.")
            else:
                logger.warning(f"{text} It stays empty: {setting}.{ours} names it, null is silent.")
        if stopping:
            there = ", ".join(sorted(present))
            raise config_error(f"{' '.join(stopping)} The keys that are there: {there}.")


def read_key_names(config: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, KeyNames]:
    """The names of every kind: the manifest's, and the configuration's over them."""
    optional = parameters["optional"]
    kinds = {
        kind: KeyNames(kind, dict(names), {o for o in names if f"{kind}.{o}" not in optional})
        for kind, names in parameters["names"].items()
    }
    for section, renamed in (config.get("field_names") or {}).items():
        kind = _known("field_names", section, kinds)
        setting, of = f"field_names.{kind}", kinds[kind]
        for key, theirs in (renamed or {}).items():
            ours = _known(setting, key, of.names)
            of.names[ours] = str(theirs or "").strip() or None
            of.required.add(ours)
            if not of.names[ours] and ours in (f"{kind}_id", "employee_id", "number"):
                raise config_error(f"{setting}.{key} cannot be switched off: it is the key.")
    path = kinds["chip"].names.pop("endpoint")
    if (config.get("field_names") or {}).get("chip"):
        if not path or any(sign in path for sign in ("://", "..", "?", "#")):
            raise config_error("field_names.chip.endpoint must be a path of the API: /chips.")
        kinds["employee"].names["chip_numbers"] = None
    known = [f"{kind}.{ours}" for kind in kinds for ours in kinds[kind].names]
    for wanted in map(str, config.get("required_keys") or []):
        _known("required_keys", wanted, known)
        kind, _, field = wanted.partition(".")
        if kinds[kind].names[field] is None:
            raise config_error(f"required_keys: {kind}.{field} has no name in field_names.")
        kinds[kind].required.add(field)
    return kinds


def read_timezone(config: Mapping[str, Any]) -> ZoneInfo:
    name = str(config.get("timezone") or "Europe/Prague")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        hint = nearest(name, available_timezones()) or " Example: Europe/Prague."
        raise config_error(f"timezone is not a time zone we know.{hint}") from None


def _known(setting: str, key: str, known: Iterable[str]) -> str:
    if key not in known:
        hint = nearest(key, known)
        raise config_error(f"{setting}: {key} is not a field.{hint} Known: {', '.join(known)}.")
    return key


def nearest(name: str, present: Iterable[str]) -> str:
    by_lower = {other.lower(): other for other in sorted(present)}
    found = get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.5)
    return f" Did you mean {by_lower[found[0]]}?" if found else ""


def map_rows(
    rows: list[Row], names: Mapping[str, Any], days: DayReader, constants: Row, null: Any = None
) -> Iterator[Row]:
    """Records under our names; column by column, which costs half of record by record."""
    columns: list[Iterable[Any]] = []
    for ours, of in names.items():
        column = _column([row.get(of) for row in rows] if of else [None], ours, days)
        printed = [null if v is None else v for v in column]
        columns.append(printed if of else repeat(printed[0]))
    all_names = (*names, *constants)
    for record in zip(*columns, *map(repeat, constants.values()), strict=False):
        yield dict(zip(all_names, record, strict=True))


def _column(values: list[Any], ours: str, days: DayReader) -> list[Any]:
    """The usual value is read in place: a call for each would double the time of the whole."""
    if ours in DAYS:  # a list or an object is no key of a dictionary
        return [days[v] if type(v) is str or v is None else days.read(v) for v in values]
    if ours == "chip_numbers":
        return [
            [v] if type(v) is str and v.isascii() and v.isalnum() else read_chips(v) for v in values
        ]
    if ours.startswith("is_"):
        return [None if v is None else read_flag(v) for v in values]
    return [
        (v.strip() or None) if type(v) is str and v.isascii() else v if v is None else read_text(v)
        for v in values
    ]


def read_text(value: object) -> str | None:
    """Trim and compose a text (NFC); ids and numbers become text, never the other way round."""
    if isinstance(value, str):
        return (value if value.isascii() else normalize("NFC", value)).strip() or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(int(value) if value == int(value) else value)
    try:
        return None if value is None else orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # nested hundreds deep
        return UNREADABLE.strip()


def read_chips(value: object) -> list[str]:
    """One chip number or a list of them; never split, never read as a number."""
    values = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(text for item in values if (text := read_text(item))))


def read_flag(value: object) -> bool | str | None:
    """True or False; any other word stays a text, which whoever lands it sets aside."""
    text = (read_text(value) or "").lower()
    return _FLAGS.get(text, text or None)
