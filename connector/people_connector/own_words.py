"""Say what is wrong in our own words: never a setting's value, never the text of a foreign error.

A validator's text quotes what it refuses, and what it refuses may be a key with a comma too many. The
text of a library's error quotes what it choked on. So only places, names and bounds of the spec
are said of a configuration, and only its class and our line of an error that is not ours.
"""

from __future__ import annotations

import difflib
import errno
import json
import os
import re
import select
import stat
import traceback
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft7Validator

_OURS = ("people_connector", "people_transforms", "destination_", "source_")
_PIPE_SECONDS = 10
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SETTING = re.compile(r"[a-z_]{1,40}")
_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_BOUNDS = {
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "exclusiveMinimum": "must be more than {}",
    "exclusiveMaximum": "must be less than {}",
    "minLength": "needs at least {} characters",
    "maxLength": "may have at most {} characters",
    "minItems": "must hold at least {}",
    "maxItems": "must not hold more than {}",
    "pattern": "must look like {}",
    "uniqueItems": "must not hold anything twice",
}
_NESTED = ("properties", "items", "oneOf", "required", "additionalProperties")


def wrong_settings(config: Mapping[str, Any], spec: Mapping[str, Any]) -> list[str]:
    """Name each setting that its connector's spec refuses, and each key that the spec does not have."""
    return list(_wrong(config, spec, "", _homes(spec, "")))


def unknown_key(
    key: object, place: str, known: Collection[str], keys: Collection[object] = ()
) -> str:
    """Say that a key is not known. It is shown only as a known name misspelt: a key may be a secret.

    `keys` are all that stand there, to tell which of them it is.
    """
    inside = f"`{place}`" if place else "The configuration"
    near = _meant(str(key), known)
    if near and _is_misspelt(str(key), near):
        return f"`{_join(place, str(key))}` is not a setting. Did you mean `{_join(place, near)}`?"
    which = f", number {list(keys).index(key) + 1} in it" if keys else ""
    where = f"{inside} has a key that is no setting{which}."
    if near:
        return f"{where} Did you mean `{_join(place, near)}`?"
    return f"{where} It knows: {', '.join(sorted(known))}."


def kind_of(value: object) -> str:
    """Name the kind of a value, as a person who writes JSON or YAML knows it."""
    if value is None or isinstance(value, bool):
        return _KINDS["null" if value is None else "boolean"]
    kinds = {str: "string", int: "integer", float: "number", list: "array", dict: "object"}
    return _KINDS.get(kinds.get(type(value), ""), "something else")


def named(error: BaseException) -> str:
    """Name an error that is not ours: its class, and the last line of ours that it passed."""
    name = type(error).__name__
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        module = str(frame.f_globals.get("__name__"))
        if module.startswith(_OURS) and module != __name__:
            return f"{name} at {module.split('.')[0]}/{Path(frame.f_code.co_filename).name}:{line}"
    return name


def content_of(path: str | Path) -> bytes:
    """Read a file whole. A device may never end, and nobody may ever write into a pipe.

    Raises OSError.
    """

    def open_at_once(name: str, flags: int) -> int:
        return os.open(name, flags | os.O_NONBLOCK)

    with open(path, "rb", opener=open_at_once) as file:  # noqa: PTH123
        mode = os.fstat(file.fileno()).st_mode
        if stat.S_ISFIFO(mode):
            if not select.select([file], [], [], _PIPE_SECONDS)[0]:
                raise OSError(errno.ETIMEDOUT, "Nobody writes into the pipe")
            os.set_blocking(file.fileno(), True)
        elif not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "Not a file")
        return file.read()


def read_json(path: str) -> Any:
    """Read a JSON file; raises ValueError that says where it ends to be JSON, and quotes nothing."""
    try:
        return json.loads(content_of(path), object_pairs_hook=said_once)
    except OSError as error:
        raise ValueError(f"The file {path} cannot be read: {error.strerror}.") from None
    except TwiceError as error:
        raise ValueError(f"The file {path} cannot be used: {error}") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"The file {path} cannot be read as JSON. (line={error.lineno})") from None
    except (ValueError, RecursionError):
        raise ValueError(f"The file {path} cannot be read as JSON.") from None


class TwiceError(ValueError):
    """A key stands twice in one object; the text is a sentence."""


def said_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its pairs; raises TwiceError, where JSON itself takes the last silently."""
    if twice := said_twice([key for key, _ in pairs if not key.startswith("__")]):
        raise TwiceError(twice)
    return dict(pairs)


def said_twice(keys: Sequence[str]) -> str | None:
    """Say which key stands twice; one that can be no setting's name may be a value, and is not shown."""
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            named = f"`{key}`" if _SETTING.fullmatch(key) else "a key"
            return f"{named} stands twice, and only one of the two would count. Take one away."
        seen.add(key)
    return None


def frames(error: BaseException) -> str:
    """Give the lines of code that an error passed, and its class; a traceback's text may quote."""
    return "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__


def _wrong(
    value: Any, schema: Mapping[str, Any], place: str, homes: Mapping[str, set[str]]
) -> Iterator[str]:
    broken = _broken_rules(value, schema)
    of_kind = [rule for rule in broken if rule == "type"]
    empty = [rule for rule in broken if value == "" and rule == "minLength"]
    for rule in of_kind or empty or broken:
        yield f"`{place}` {_refused(rule, schema[rule], value, schema)}."
    if of_kind:
        return
    if isinstance(value, Mapping):
        yield from _wrong_object(value, schema, place, homes)
    elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for number, item in enumerate(value):
            yield from _wrong(item, schema["items"], _join(place, str(number)), homes)


def _broken_rules(value: Any, schema: Mapping[str, Any]) -> list[str]:
    """Name the rules of one value that it breaks, as JSON Schema (draft 7) has them."""
    own = {name: rule for name, rule in schema.items() if name not in _NESTED}
    validator = Draft7Validator(own, validate_formats=False)
    return [str(error.schema_path[-1]) for error in validator.iter_errors(_outside(value))]


def _outside(value: Any) -> Any:
    """Give what the rules of one value look at: what is in it has rules of its own."""
    if isinstance(value, Mapping):
        return {}
    if isinstance(value, list):
        return [json.dumps(one, sort_keys=True) for one in value]
    # Half a character is no text to the validator.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _wrong_object(
    value: Mapping[str, Any], schema: Mapping[str, Any], place: str, homes: Mapping[str, set[str]]
) -> Iterator[str]:
    if schema.get("oneOf"):
        variants = {_type_of(variant): variant for variant in schema["oneOf"]}
        chosen = value.get("type")
        if not isinstance(chosen, str) or chosen not in variants:
            problem = "must be" if "type" in value else "is missing; it is"
            yield f"`{_join(place, 'type')}` {problem} one of: {', '.join(variants)}."
            return
        schema = variants[chosen]
    properties = schema.get("properties")
    if not properties:
        return
    misspelt = {_meant(key, properties) for key in value if key not in properties}
    for name in schema.get("required", ()):
        if name not in value and name not in misspelt:
            yield f"`{_join(place, name)}` is missing."
    for key, item in value.items():
        if key in properties:
            yield from _wrong(item, properties[key], _join(place, key), homes)
        elif not key.startswith("__"):  # those are Airbyte's own
            near = [key] if key in homes else difflib.get_close_matches(key, homes, n=1)
            if near and near[0] not in properties:
                where = " or ".join(sorted(homes[near[0]]))
                inside = f"`{place}`" if place else "The configuration"
                yield f"{inside} has a key that is no setting there: `{near[0]}` belongs {where}."
            else:
                yield unknown_key(key, place, properties, value)


def _refused(rule: str, bound: Any, value: Any, schema: Mapping[str, Any]) -> str:
    if rule == "type":
        kinds = [bound] if isinstance(bound, str) else bound
        return f"must be {' or '.join(_KINDS[kind] for kind in kinds)}, and is {kind_of(value)}"
    if rule in ("enum", "const"):
        allowed = bound if rule == "enum" else [bound]
        texts = (item if isinstance(item, str) else json.dumps(item) for item in allowed)
        return f"must be one of: {', '.join(texts)}"
    if rule == "minLength" and value == "":
        return "is empty: fill it in"
    if rule == "pattern" and schema.get("pattern_descriptor"):
        bound = schema["pattern_descriptor"]
    said = _BOUNDS.get(rule, "cannot be used").format(bound)
    # A short number is no secret, and who typed 10 for ten per cent sees it at once.
    found = f", and is {value}" if _is_short_number(value) else ""
    is_share = schema.get("type") == "number" and schema.get("maximum") == 1
    return f"{said}{found}{' (0.1 means 10 %)' if is_share else ''}"


def _is_short_number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) < 1000


def _homes(schema: Mapping[str, Any], place: str, kind: str = "") -> dict[str, set[str]]:
    """Tell of each setting's name where the spec has it."""
    found: dict[str, set[str]] = {}
    inside = (f"in `{place}`" if place else "at the top") + (f" of type {kind}" if kind else "")
    below = [(schema.get("items") or {}, place, "")]
    below += [(variant, place, _type_of(variant)) for variant in schema.get("oneOf", ())]
    for name, one in schema.get("properties", {}).items():
        found.setdefault(name, set()).add(inside)
        below.append((one, _join(place, name), ""))
    for one, at, of_kind in below:
        for name, homes in _homes(one, at, of_kind).items() if one else ():
            found.setdefault(name, set()).update(homes)
    return found


def _type_of(variant: Mapping[str, Any]) -> str:
    return str(variant["properties"]["type"]["const"])


def _meant(key: str, known: Collection[str]) -> str | None:
    """Give the known name that a key is nearest to, if it is near any."""
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    return near[0] if near else None


def _is_misspelt(key: str, name: str) -> bool:
    alike = difflib.SequenceMatcher(None, key, name).ratio()
    return alike >= 0.75 and abs(len(key) - len(name)) <= 3 and _NAME.fullmatch(key) is not None


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
