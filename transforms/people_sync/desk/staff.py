"""Who may sign in at the desk, with which role: what the operator listed, read again when it changes.

    people:
      - {address: joke@example.nl, role: hr, connection: bakkerij}
      - {address: support@example.com, role: support}
    mail: {from: desk@example.com, server: mail.example.com}

HR looks at the named connections and decides there; support does so everywhere and sees the fleet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from people_connector.own_words import content_of
from people_transforms.errors import ConfigError
from people_transforms.settings import wrong_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

Role = Literal["hr", "support", "customer"]
ADDRESS = r"^[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,190}$"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signed in. `connection`: the names that HR or a customer may see; support sees all.

    A customer has an integration link, is on no list, and sees the onboarding of one connection.
    """

    address: str
    role: Role
    connection: tuple[str, ...] = ()

    def may_see(self, connection: str) -> bool:
        return self.role == "support" or connection in self.connection


class Listed(_Frozen):
    """One line of the operator's list."""

    address: str = Field(pattern=ADDRESS)
    role: Literal["hr", "support"]
    connection: tuple[str, ...] = ()

    @field_validator("address")
    @classmethod
    def _lower(cls, value: str) -> str:
        return value.lower()

    @field_validator("connection", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value


class MailServer(_Frozen):
    """The server that sends the sign-in links. The password is in a file."""

    sender: str = Field(alias="from", pattern=ADDRESS)
    server: str
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password_file: str | None = None


class _File(_Frozen):
    people: tuple[Listed, ...] = ()
    mail: MailServer | None = None


class Staff:
    """The list of the operator: a file, and what was given with `--allow`. It may be empty."""

    def __init__(self, path: Path | None, allowed: Sequence[Listed] = ()) -> None:
        self._path = path
        self._allowed = tuple(allowed)
        self._read_at: int | None = None
        self._file = _File()
        self._refresh()

    @property
    def mail(self) -> MailServer | None:
        return self._file.mail

    @property
    def folder(self) -> Path:
        """The folder that paths inside the file start from."""
        return self._path.parent if self._path else Path.cwd()

    def people(self) -> tuple[Listed, ...]:
        """Give everybody who may sign in now: who was taken off the list may not any more."""
        self._refresh()
        return (*self._allowed, *self._file.people)

    def find(self, address: str) -> Person | None:
        """Find an address, whoever wrote it in capitals; several lines of one add up."""
        found = [one for one in self.people() if one.address == address.strip().lower()]
        if not found:
            return None
        role: Role = "support" if any(one.role == "support" for one in found) else "hr"
        names = tuple(dict.fromkeys(name for one in found for name in one.connection))
        return Person(found[0].address, role, names)

    def _refresh(self) -> None:
        if self._path is None:
            return
        try:
            changed_at = self._path.stat().st_mtime_ns
            if changed_at == self._read_at:
                return
            content = yaml.safe_load(content_of(self._path)) or {}
            self._file = _File.model_validate(content)
        except ValidationError as error:
            wrong = wrong_values(error, _File, "")
            raise ConfigError(f"The list of people is wrong: {wrong}", path=self._path) from None
        except (OSError, yaml.YAMLError, ValueError):
            raise ConfigError("The list of people cannot be read.", path=self._path) from None
        self._read_at = changed_at


def parse_allowed(text: str) -> Listed:
    """Read `ADDRESS=support` or `ADDRESS=hr:CONNECTION`."""
    address, _, role = text.partition("=")
    role, _, connection = role.partition(":")
    try:
        return Listed.model_validate(
            {"address": address, "role": role, "connection": [connection] if connection else []}
        )
    except ValidationError:
        raise ConfigError(
            "`--allow` takes ADDRESS=support, or ADDRESS=hr:CONNECTION with the connection's name."
        ) from None
