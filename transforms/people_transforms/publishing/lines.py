"""The lists of the page: one line per person, in words, ready for the page and for its search."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from people_transforms.publishing.formats import parse_iso_day
from people_transforms.publishing.phrases import values_of, words_of
from people_transforms.publishing.report import Finding, Leaver, Report, Row, Section
from people_transforms.publishing.words import Words
from people_transforms.safe_text import shortened

# So many lines stand in the page itself; the others are data until somebody asks for them.
SHOWN = 25

Change = tuple[str, str | None, str | None, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: who, where (employer, client), what (words or field changes), and a day in words."""

    who: str
    where: str = ""
    what: str | tuple[Change, ...] = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """A list of the page; `total` counts also what is not in the page at all."""

    name: str
    all: tuple[Line, ...]
    total: int

    @property
    def shown(self) -> tuple[Line, ...]:
        return self.all[:SHOWN]

    @property
    def is_long(self) -> bool:
        return len(self.all) > SHOWN

    @property
    def left_out(self) -> int:
        return self.total - len(self.all)

    @property
    def looks(self) -> str:
        """Name the parts that no line has, for the style sheet."""
        parts = ("where", "what", "at")
        return " ".join(
            ["rows", *(f"no-{p}" for p in parts if not any(getattr(one, p) for one in self.all))]
        )


class Writer:
    """Writes rows of a report as lines. Employers and places are named where there are several."""

    def __init__(self, report: Report, words: Words) -> None:
        self._words = words
        sections = (report.joined, report.changed, report.left, report.waiting, report.skipped)
        rows = [row for section in sections for row in section.rows]
        self._systems = words.systems(report.run.source_system, report.run.vendor)
        self._has_employers = len({row.employer for row in rows if row.employer}) > 1
        self._has_places = len(report.accounts) > 1

    def joined(self, section: Section) -> Lines:
        return self._lines("joined", section, self._joining, self._begins)

    def changed(self, section: Section) -> Lines:
        return self._lines("changed", section, self._changes, lambda row: "")

    def left(self, section: Section) -> Lines:
        return self._lines("left", section, self._leaving, self._ends)

    def skipped(self, section: Section) -> Lines:
        return self._lines("skipped", section, lambda row: self.reason(row), lambda row: "")

    def waiting(self, name: str, rows: Sequence[Row]) -> Lines:
        """The held rows of one kind."""
        lines = (
            Line(self._who(row), self._where(row), self._would(row), self._day_of(row))
            for row in rows
        )
        return Lines(name, tuple(lines), len(rows))

    def upcoming(self, leavers: Sequence[Leaver], total: int) -> Lines:
        lines = (
            Line(
                one.name or one.person_id,
                self._named(one.employer, one.account_key, one.place),
                "",
                self._words.day(one.ends_on),
            )
            for one in leavers
        )
        return Lines("upcoming", tuple(lines), total)

    def findings(
        self,
        name: str,
        findings: Sequence[Finding],
        says: str,
        advice: str,
        since: dt.date | None,
    ) -> Lines:
        """The people of one group: what it says now, and of the rest what is not the group's own."""
        lines = tuple(self._finding(one, says, advice, since) for one in findings)
        return Lines(name, lines, len(findings))

    def reason(self, row: Row) -> str:
        said = self._words.reason(row.reason, self._systems)
        return said[:1].upper() + said[1:]

    def _finding(self, finding: Finding, says: str, advice: str, since: dt.date | None) -> Line:
        words = self._words
        _, own = words_of(finding, words)
        typed = values_of(finding, words)["value"]
        field = words.field(finding.field) or ""
        where = [words.say("typed", value=typed) if typed else "", "" if field in says else field]
        return Line(
            finding.name or finding.person_id or finding.employer or "",
            " · ".join(part for part in where if part),
            own if own != advice else "",
            words.say("since_day", day=finding.since) if finding.since not in (None, since) else "",
        )

    def _lines(self, name: str, section: Section, what: object, at: object) -> Lines:
        lines = (
            Line(self._who(row), self._where(row), what(row), at(row))  # type: ignore[operator]
            for row in section.rows
        )
        return Lines(name, tuple(lines), section.total)

    def _who(self, row: Row) -> str:
        return row.name or row.person_id or row.employer or ""

    def _where(self, row: Row) -> str:
        return self._named(row.employer, row.account_key, row.place)

    def _named(self, employer: str | None, key: str, place: str | None) -> str:
        parts = [
            employer if self._has_employers else None,
            self._words.place(key, place) if self._has_places else None,
        ]
        known = list(dict.fromkeys(part for part in parts if part))
        return " · ".join(known)

    def _changes(self, row: Row) -> str | tuple[Change, ...]:
        if row.moves_from is not None:
            return self._words.say("moved", place=self._words.place(row.account_key, row.place))
        refused = f" ({self._words.name('states', 'parked')})"
        return tuple(
            (
                self._words.field(one.field) or one.field,
                self._value(one.before),
                self._value(one.after),
                refused if one.is_refused else "",
            )
            for one in row.changes
        )

    def _value(self, text: str | None) -> str | None:
        day = parse_iso_day(text)
        return self._words.day(day) if day else text

    def _joining(self, row: Row) -> str:
        if row.operation == "create":
            return ""
        said = self._words.name("operations", row.operation)
        return said[:1].upper() + said[1:]

    def _leaving(self, row: Row) -> str:
        said = self._words.name("leaving_kinds", row.leaving_kind)
        return (said[:1].upper() + said[1:]) if row.leaving_kind else self.reason(row)

    def _would(self, row: Row) -> str | tuple[Change, ...]:
        if row.operation == "update":
            return self._changes(row)
        return self._leaving(row) if row.operation == "deactivate" else self._joining(row)

    def _day_of(self, row: Row) -> str:
        return self._ends(row) if row.operation == "deactivate" else ""

    def _begins(self, row: Row) -> str:
        return self._words.say("from_day", day=row.starts_on) if row.starts_on else ""

    def _ends(self, row: Row) -> str:
        return self._words.say("last_day", day=row.ends_on) if row.ends_on else ""


def as_data(lists: Iterable[Lines], words: Words) -> Markup:
    """Write the long lists as JSON for the page's own script; texts that repeat are written once."""
    texts: dict[str, int] = {}

    def place_of(text: str) -> int:
        return texts.setdefault(shortened(text), len(texts))

    def cells(line: Line) -> list[object]:
        what: object
        if isinstance(line.what, str):
            what = place_of(line.what)
        else:
            what = [
                [place_of(name), *(value and shortened(value) for value in values)]
                for name, *values in line.what
            ]
        row = [shortened(line.who), place_of(line.where), what, place_of(line.at)]
        while len(row) > 1 and row[-1] == place_of(""):
            row.pop()
        return row

    place_of("")
    listed = {one.name: [cells(line) for line in one.all] for one in lists if one.is_long}
    data = {"texts": list(texts), "lists": listed, "empty": words["empty"], "found": words["found"]}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    # A script element ends at its end tag, whatever stands around it.
    return Markup(text.replace("<", "\\u003c").replace("\u2028", " ").replace("\u2029", " "))
