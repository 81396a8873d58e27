"""A year of an employer's nights: who starts, leaves and changes, as payroll departments see it.

A quarter of the people leave in a year and as many come: most ends are typed weeks before and fall
on a month's last day, some are found out the morning after; most starts are on a first. A summer
season takes on 10 to 40 % more people within a week and lets them all go on one announced day.
Every third person has some change; once a year a department is renamed or moves to another domain.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

_ANNOUNCED_SHARE = 0.8
_MONTH_END_SHARE = 0.7
_FIRST_SHARE = 0.6
_TURNOVER = 0.25
_CHANGES = 1 / 3


@dataclass(slots=True)
class Night:
    """What a plan of this night would hold, by person."""

    on: dt.date
    joiners: list[str] = field(default_factory=list)
    announced: list[str] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    @property
    def is_quiet(self) -> bool:
        return not (self.joiners or self.announced or self.surprises or self.changed)


class Workforce:
    """An employer of about `size` people; `people` is who is employed on the present night."""

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        # A dict keeps its order, so that the same seed gives the same year.
        self.people = dict.fromkeys(f"{number:06d}" for number in range(size))
        self._chance = random.Random(f"{size}-{seed}")
        self._next = size
        self._season: list[str] = []

    def nights(self, year: int) -> Iterator[Night]:
        """Let every night of a year pass; `people` follows."""
        first = dt.date(year, 1, 1)
        days = [first + dt.timedelta(days=number) for number in range(365)]
        starts = self._spread(days, _FIRST_SHARE, [day for day in days if day.day == 1])
        leaves = self._spread(days, _MONTH_END_SHARE, [day for day in days if day.day == 1])
        season = self._season_starts(year)
        reorganised_on = self._chance.choice(days)
        for day in days:
            night = Night(day)
            night.joiners = self._join(starts.get(day, 0))
            seasonal = self._join(season.get(day, 0))
            night.joiners += seasonal
            self._season += seasonal
            recent = {*night.joiners, *self._season}
            settled = [person for person in self.people if person not in recent]
            self._leave(night, settled, leaves.get(day, 0))
            if day == dt.date(year, 9, 1):
                night.announced += self._season
                self._season = []
            self._change(night, settled, day == reorganised_on)
            for person in (*night.announced, *night.surprises):
                del self.people[person]
            yield night

    def _spread(
        self, days: list[dt.date], share: float, usual: list[dt.date]
    ) -> dict[dt.date, int]:
        """Spread a year's turnover over usual days and, the rest, over all days."""
        counts: dict[dt.date, int] = {}
        for _ in range(self._often(self.size * _TURNOVER)):
            day = self._chance.choice(usual if self._chance.random() < share else days)
            counts[day] = counts.get(day, 0) + 1
        return counts

    def _season_starts(self, year: int) -> dict[dt.date, int]:
        monday = dt.date(year, 6, 1)
        counts: dict[dt.date, int] = {}
        for _ in range(self._often(self.size * self._chance.uniform(0.1, 0.4))):
            day = monday + dt.timedelta(days=self._chance.choice((0, 1, 2, 3, 4, 7)))
            counts[day] = counts.get(day, 0) + 1
        return counts

    def _often(self, expected: float) -> int:
        """Round up or down by chance, so that five people have their turnover as well."""
        return int(expected) + (self._chance.random() < expected % 1)

    def _join(self, count: int) -> list[str]:
        joined = [f"{self._next + number:06d}" for number in range(count)]
        self._next += count
        self.people |= dict.fromkeys(joined)
        return joined

    def _leave(self, night: Night, settled: list[str], count: int) -> None:
        leaving = self._chance.sample(settled, min(count, max(0, len(settled) - 1)))
        for person in leaving:
            is_announced = self._chance.random() < _ANNOUNCED_SHARE
            (night.announced if is_announced else night.surprises).append(person)

    def _change(self, night: Night, settled: list[str], is_reorganised: bool) -> None:
        share = self._chance.uniform(0.1, 0.3) if is_reorganised else _CHANGES / 365
        gone = {*night.announced, *night.surprises}
        changed = self._chance.sample(settled, min(self._often(len(settled) * share), len(settled)))
        night.changed = [person for person in changed if person not in gone]
