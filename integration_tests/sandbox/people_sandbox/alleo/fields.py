"""What Alleo accepts in a body, and how FastAPI words a refusal."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from people_sandbox.addresses import check_address

Email = Annotated[str, AfterValidator(check_address), Field(max_length=100)]
Text = Annotated[str, Field(max_length=1000)]


class Refused(Exception):
    """The body breaks a rule; ``detail`` is the list of a 422 answer."""

    def __init__(self, detail: list[dict[str, Any]]) -> None:
        super().__init__("refused")
        self.detail = detail


class _Optional(BaseModel):
    model_config = ConfigDict(extra="forbid")
    prefix: Text | None = None
    language: Text | None = "en"
    company_group_id: int | None = None
    birthday: date | None = None
    work_anniversary: date | None = None
    private_email: Email | None = None
    external_id: Text | None = None


class Create(_Optional):
    """A new employee."""

    email: Email
    first_name: Text
    last_name: Text


class Edit(_Optional):
    """Some fields of an employee; what must be there cannot be emptied."""

    email: Email = ""
    first_name: Text = ""
    last_name: Text = ""


def parse(model: type[BaseModel], raw: bytes) -> dict[str, Any]:
    """The fields of a body: all of them for a new employee, only those sent for an edit."""
    try:
        content = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Refused(
            [{"type": "json_invalid", "loc": ["body", 0], "msg": "JSON decode error", "input": {}}]
        ) from error
    try:
        parsed = model.model_validate(content)
    except ValidationError as error:
        raise Refused(in_body(error)) from error
    return parsed.model_dump(mode="json", exclude_unset=model is Edit)


def in_body(error: ValidationError) -> list[dict[str, Any]]:
    """Pydantic's errors with ``body`` in front of the place, as FastAPI sends them: the input included."""
    return [
        {
            "type": found["type"],
            "loc": ["body", *found["loc"]],
            "msg": found["msg"],
            "input": found["input"],
        }
        for found in error.errors(include_url=False, include_context=False)
    ]
