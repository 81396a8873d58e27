"""What the engine asks of a benefit platform: the one interface a destination implements.

A destination supplies a `Vendor`; everything else (what to send, in which order, how often, and
what was already sent) is decided here in the core. A vendor makes one attempt per call and turns
every outcome into a value or one of the errors of `people_transforms.errors`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Fields = Mapping[str, Any]
"""Vendor fields by their names in the mart; dates as `datetime.date`, absent keys untouched."""


@dataclass(frozen=True, slots=True)
class Place:
    """A company or client of the vendor in which accounts live."""

    account_key: str
    name: str | None

    def __str__(self) -> str:
        return f"{self.account_key} ({self.name})" if self.name else self.account_key


@dataclass(frozen=True, slots=True)
class Account:
    """One account as the vendor has it now.

    `fields` holds the values of the mart's vendor fields, so that they compare with a mart row.
    `invitation_state` is `none`, `sent` or `accepted`, or None where the vendor has none. An answer
    that says nothing of `is_active` does not tell the state.
    """

    account_key: str
    account_id: str
    is_active: bool
    external_id: str | None = None
    ended_on: str | None = None
    invitation_state: str | None = None
    tells_state: bool = True
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What the vendor's headers said with the last answer: calls left until the window resets."""

    limit: int
    remaining: int
    reset_seconds: float


@dataclass(frozen=True, slots=True)
class Traits:
    """What planning and delivery must know of a vendor, without knowing the vendor.

    mart             the accounts mart, for example `mart.alleo_employees`
    fields           the mart's vendor fields, in order
    create_only      fields sent with a create and never compared or updated afterwards
    kept_when_empty  fields that are not cleared when the source has no value any more
    unique_fields    fields of which two accounts of one place may not share a value; they are
                     released from a leaver before a newcomer takes them
    released_fields  the subset of unique fields that are emptied on an ended account
    match_fields     fields that find an unmanaged account of the same person, in order
    name_fields      fields that must be equal too before such an account is taken over
    telling_fields   groups of fields, each of which tells a person if all of it is equal; an account
                     with our external id of which none is belongs to somebody else
    required_fields  fields without which no account can exist; a conflict on one holds the row,
                     a conflict on any other unique field only leaves that field empty
    last_day_field   field that takes the last day when an account is ended
    first_day_field  field with the first day: a last day before it is refused, so it is the earliest
    invites          whether the vendor sends invitations as a call of its own
    routing_mart     the mart with one row per person whose note says where to, if notes do
    out_of_scope     the mart's reasons for which somebody takes no part, by choice or by setting
    has_external_ids      whether accounts carry our id; else number and name tell whose they are
    tells_invitations     whether accounts say who was invited; else only our own log knows
    activates_with_fields whether an ended account comes back and gets its fields in one call
    """

    mart: str
    fields: tuple[str, ...]
    create_only: tuple[str, ...] = ()
    kept_when_empty: tuple[str, ...] = ()
    unique_fields: tuple[str, ...] = ()
    released_fields: tuple[str, ...] = ()
    match_fields: tuple[str, ...] = ()
    name_fields: tuple[str, ...] = ()
    telling_fields: tuple[tuple[str, ...], ...] = ()
    required_fields: tuple[str, ...] = ()
    last_day_field: str | None = None
    first_day_field: str | None = None
    invites: bool = False
    routing_mart: str | None = None
    out_of_scope: tuple[str, ...] = ()
    has_external_ids: bool = True
    tells_invitations: bool = True
    activates_with_fields: bool = True


class Vendor(Protocol):
    """One benefit platform, reached with the destination's credentials.

    Calls are made from several threads at once. Each makes one attempt and raises
    `RetryableError` (nothing happened: 429, 5xx before the request was sent, connection refused),
    `AmbiguousError` (it may have happened: the answer was lost or broken, 5xx on a write),
    `RejectedError` / `ConflictError` / `GoneError` (this record), or `ConfigError` (401, 403).
    """

    name: str
    traits: Traits

    def places(self) -> Sequence[Place]:
        """List the companies or clients that these credentials may use."""

    def accounts(self, account_key: str) -> Iterator[Account]:
        """Read every account of a place, active and inactive, each once."""

    def find(self, account_key: str, external_id: str, fields: Fields) -> Account | None:
        """Look one account up by our external id, else by the match fields given."""

    def create(self, account_key: str, external_id: str, fields: Fields) -> Account:
        """Create an active account."""

    def update(
        self, account_key: str, account_id: str, fields: Fields, external_id: str | None = None
    ) -> Account:
        """Change the given fields only; `external_id` is given when an account is adopted."""

    def deactivate(self, account_key: str, account_id: str, fields: Fields) -> Account:
        """End an account; `fields` are values to set with it (for example a released chip)."""

    def activate(self, account_key: str, account_id: str, fields: Fields) -> Account:
        """Bring an ended account back; `fields` are empty unless `activates_with_fields`."""

    def invite(self, account_key: str, account_id: str) -> None:
        """Send the vendor's invitation; never called twice for one spell of employment."""

    def rate_limit(self) -> RateLimit | None:
        """Tell what the headers of the latest answer said, if anything."""

    def close(self) -> None:
        """Give connections back."""
