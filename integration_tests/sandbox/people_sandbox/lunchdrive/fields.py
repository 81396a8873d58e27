"""What Lunchdrive accepts of a diner."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from people_sandbox.addresses import check_address

Name = Annotated[str, Field(min_length=1, max_length=100)]


class Refused(Exception):
    """The body breaks rules: (field, message) of each; answered with 422."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("refused")
        self.problems = problems


class _Optional(BaseModel):
    model_config = ConfigDict(extra="forbid")
    external_id: Annotated[str, Field(max_length=64)] | None = None
    personal_number: Annotated[str, Field(max_length=50)] | None = None
    email: Annotated[str, AfterValidator(check_address), Field(max_length=255)] | None = None
    chip_number: Annotated[str, Field(max_length=50)] | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    active: bool = True


class Create(_Optional):
    """A new diner."""

    first_name: Name
    last_name: Name


class Edit(_Optional):
    """Some fields of a diner."""

    first_name: Name = ""
    last_name: Name = ""


def parse(model: type[BaseModel], raw: bytes, wire_names: dict[str, str]) -> dict[str, Any]:
    """The fields of a body under our names; unknown ones are refused under the vendor's."""
    try:
        content = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Refused([("", "The body is not JSON.")]) from error
    if not isinstance(content, dict):
        raise Refused([("", "The body must be an object.")])
    ours = {wire: name for name, wire in wire_names.items()}
    hidden = [name for name in wire_names if name in content and wire_names[name] != name]
    if hidden:
        raise Refused([(name, "Unknown field.") for name in hidden])
    try:
        parsed = model.model_validate(
            {ours.get(name, name): value for name, value in content.items()}
        )
    except ValidationError as error:
        raise Refused([_problem(found, wire_names) for found in error.errors()]) from error
    return parsed.model_dump(mode="json", exclude_unset=model is Edit)


def _problem(found: Any, wire_names: dict[str, str]) -> tuple[str, str]:
    field = str(found["loc"][0]) if found["loc"] else ""
    return wire_names.get(field, field), "Unknown field." if found[
        "type"
    ] == "extra_forbidden" else found["msg"]
