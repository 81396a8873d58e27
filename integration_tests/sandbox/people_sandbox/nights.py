"""Let a night pass in HR: joiners, changes, leavers, rehires, moves, back-dated ends.

The same worlds, seed and date make the same night. Everything goes through the worlds' own ``patch``
and ``add``, so Loket's version numbers rise as they do for a person who types.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, Protocol

from people_sandbox.alveno.nights import AlvenoHr
from people_sandbox.alveno.world import AlvenoWorld
from people_sandbox.errors import WrongRequestError
from people_sandbox.loket.nights import LoketHr
from people_sandbox.loket.world import LoketWorld

KINDS = ("joiners", "changes", "leavers", "rehires", "moves", "backdated_ends")


@dataclass(frozen=True, slots=True)
class Night:
    """How many of each kind happen in each HR system."""

    as_of: date
    seed: int
    counts: dict[str, int]


def parse_night(asked: dict[str, Any], size: int, as_of: date, passed: int) -> Night:
    """Read a night from a control request; without any count an ordinary one for this size."""
    unknown = [name for name in asked if name not in (*KINDS, "as_of", "seed", "vendor")]
    if unknown:
        raise WrongRequestError(
            f"A night has no {unknown[0]!r}; it has as_of, seed, vendor, {', '.join(KINDS)}."
        )
    if any(name in asked for name in KINDS):
        counts = {name: int(asked.get(name) or 0) for name in KINDS}
    else:
        few = max(1, size // 1000)
        counts = dict.fromkeys(KINDS, few) | {
            "joiners": 2 * few,
            "changes": 3 * few,
            "backdated_ends": 0,
        }
    day = (
        date.fromisoformat(str(asked["as_of"])) if asked.get("as_of") else as_of + timedelta(days=1)
    )
    return Night(day, int(asked["seed"]) if asked.get("seed") is not None else passed, counts)


class Hr(Protocol):
    """One HR system in one night; each step tells what it did, or None where nobody fits."""

    vendor: str

    def end(self, last_day: date) -> dict[str, Any] | None: ...
    def change(self) -> dict[str, Any] | None: ...
    def move(self) -> dict[str, Any] | None: ...
    def rehire(self) -> dict[str, Any] | None: ...
    def join(self) -> dict[str, Any] | None: ...


def let_pass(night: Night, worlds: list[LoketWorld | AlvenoWorld]) -> list[dict[str, Any]]:
    """Carry the night out and tell what changed: vendor, kind, id and what was done, without names."""
    changed: list[dict[str, Any]] = []
    for world in worlds:
        draw = Random(f"{world.seeded.seed}/{night.seed}/{night.as_of}")
        if isinstance(world, LoketWorld):
            hr: Hr = LoketHr(world, draw, night.as_of)
        else:
            hr = AlvenoHr(world, draw, night.as_of)
        for kind in ("leavers", "backdated_ends", "changes", "moves", "rehires", "joiners"):
            for _ in range(night.counts[kind]):
                done = _step(hr, kind, night.as_of, draw)
                if done is not None:
                    changed.append({"vendor": hr.vendor, "kind": kind} | done)
    return changed


def _step(hr: Hr, kind: str, as_of: date, draw: Random) -> dict[str, Any] | None:
    if kind == "leavers":
        return hr.end(as_of - timedelta(days=1))
    if kind == "backdated_ends":
        return hr.end(as_of - timedelta(days=draw.randint(8, 60)))
    steps = {"changes": hr.change, "moves": hr.move, "rehires": hr.rehire, "joiners": hr.join}
    return steps[kind]()
