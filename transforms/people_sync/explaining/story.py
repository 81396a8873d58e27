"""One person's story for people: one sentence, what to do, what happened on which day, the chain.

Everything is data; commands and pages only show it. Names are in it only where the caller gives one.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from people_transforms.person_id import split_id
from people_transforms.places import load_places
from people_transforms.planning.holds import RELEASABLE
from people_transforms.privacy.masking import without_names
from people_transforms.publishing.phrases import words_of
from people_transforms.publishing.report import Finding
from people_transforms.publishing.words import Words

from people_sync.explaining.timeline import Happening, read_happenings
from people_sync.explaining.traces import trace

if TYPE_CHECKING:
    import duckdb

_SETTLED = frozenset(
    ("entitled", "assigned", "only_client", "default_client", "gap_bridged", "rekeyed")
)
_TO_MEND = ("error", "warning")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on a business day, in words."""

    day: dt.date | None
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Story:
    """What there is to tell of one person as of one run; `chain` is what each step knew."""

    person_id: str
    run_id: str
    day: dt.date | None
    sentence: str
    advice: str
    events: tuple[Event, ...]
    chain: Mapping[str, Any]


def tell_story(
    connection: duckdb.DuckDBPyConnection,
    person_id: str,
    run_id: str,
    words: Words,
    *,
    name: str | None = None,
) -> Story:
    """Tell why a person is in or out as of a run. Without a name, no name or address is told."""
    teller = _Teller(connection, person_id, run_id, words, name)
    sentence, advice = teller.answer()
    return Story(
        person_id, run_id, teller.day, sentence, advice, tuple(teller.events()), teller.chain
    )


class _Teller:
    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        person_id: str,
        run_id: str,
        words: Words,
        name: str | None,
    ) -> None:
        self._words = words
        self._name = name
        self._places = load_places(connection)
        self.chain = trace(connection, person_id, run_id)
        run = self.chain["run"][0] if self.chain["run"] else {}
        self.day = run.get("as_of")
        source = split_id(person_id).source
        self._codes = {"source": source, "vendor": run.get("vendor")}
        self._systems = words.systems(source, run.get("vendor"))
        latest = connection.execute(
            "select max(run_id) from sync.runs where plan_hash is not null"
        ).fetchone()
        self._is_latest = latest is not None and latest[0] == run_id
        self._happenings = read_happenings(connection, person_id, run_id)

    def answer(self) -> tuple[str, str]:
        """Say in one sentence how it is, and what to do about it if anything."""
        rows = self.chain["decision"]
        held = next((row for row in rows if row.get("hold") not in (None, "dead_letter")), None)
        refused = next((row for row in self.chain["refusals"] if not row["settled"]), None)
        if held is not None:
            return self._held(held)
        if refused is not None:
            values = {**self._systems, "field": refused["field"]}
            says, advice = self._words.refusal(refused["cause"], 1, values)
            return self._say("refused", says=says), advice
        return self._settled(rows)

    def _held(self, row: Mapping[str, Any]) -> tuple[str, str]:
        words = self._words
        operation = words.name("operations", row["operation"])
        sentence = self._say("waits", operation=operation, hold=words.name("holds", row["hold"]))
        outside = "not_approvable_outside" if row["hold"] == "outside_settings" else ""
        release = (
            words["story"]["approve"]
            if row["hold"] in RELEASABLE
            else words[outside or "not_approvable"]
        )
        return sentence, self._advice(row["hold"]) or release

    def _settled(self, rows: list[dict[str, Any]]) -> tuple[str, str]:
        places = self._active_places()
        reasons = {row["account_key"]: row["reason"] for row in rows if row["reason"]}
        reason = next((reasons[key] for key in places if key in reasons), None)
        reason = reason or next(iter(reasons.values()), None)
        if reason is None:
            kind = "known" if places else "undecided"
            return self._say(kind, places=self._listed(places)), self._advice(None)
        kind = "out" if not places else "in" if reason in _SETTLED else "stays"
        clause = self._words.reason(reason, self._systems)
        sentence = self._say(kind, places=self._listed(places), reason=clause)
        since = max(
            (one.day for one in self._happenings if one.day and self._began(one, reason)),
            default=None,
        )
        if kind == "out" and since is not None:
            sentence += " " + self._say("since", on=since)
        ends = [row["ends_on"] for row in self.chain["accounts_now"] if row["state"] == "active"]
        if places and any(ends):
            sentence += " " + self._say("last_day", on=min(day for day in ends if day))
        return sentence, self._advice(reason)

    @staticmethod
    def _began(one: Happening, reason: str) -> bool:
        """Tell whether somebody was out from then on: so decided, or the account ended."""
        is_end = one.kind == "sent" and one.code == "deactivate"
        return is_end or (one.kind == "verdict" and one.code == reason)

    def _active_places(self) -> list[str]:
        """Where the person had an account after the run, as the ledger or what was sent tells."""
        if self._is_latest:
            accounts = self.chain["accounts_now"]
            return [row["account_key"] for row in accounts if row["state"] == "active"]
        sent = [one for one in self._happenings if one.kind == "sent" and one.place]
        last = {one.place: one.code for one in sent}
        return sorted(key for key, operation in last.items() if key and operation != "deactivate")

    def _advice(self, reason: str | None) -> str:
        """Say what to do: the finding about the reason, else the first that is to be mended."""
        found = [self._finding(row) for row in self.chain["findings"]]
        about = [one for one in found if one.code in (reason, f"kept_{reason}")]
        if about and about[0].severity in _TO_MEND:
            return words_of(about[0], self._words)[1]
        if reason in self._words.messages["next"]:
            values = {**self._systems, "on": self._first_day()}
            return self._words.said(self._words.messages["next"][reason], values)
        if about:
            return words_of(about[0], self._words)[1]
        to_mend = [one for one in found if one.severity in _TO_MEND]
        return " ".join(words_of(to_mend[0], self._words)) if to_mend else ""

    def _first_day(self) -> dt.date | None:
        rows = self.chain["models"].get("people.people", ())
        return next((row["starts_on"] for row in rows if row.get("starts_on")), None)

    def _finding(self, row: Mapping[str, Any]) -> Finding:
        args = {**json.loads(row["args"] or "{}"), **self._codes}
        if args.get("account"):
            args["account"] = self._places.get(args["account"]) or args["account"]
        typed = row["typed_value"]
        if self._name is None:
            typed, args = without_names(row["field"], typed, args)
        return Finding(
            row["code"], row["severity"], None, self._name, None, row["field"], typed, args
        )

    def events(self) -> Iterator[Event]:
        """Tell what happened, oldest first."""
        for one in self._happenings:
            text = self._event(one)
            if text:
                yield Event(one.day, one.kind, text)

    def _event(self, one: Happening) -> str:
        words = self._words
        place = words.place(one.place, self._places.get(one.place or ""))
        fields = ", ".join(dict.fromkeys(words.field(name) or "" for name in one.fields))
        operation = words.name("operations", one.code)
        if one.kind in ("first_seen", "hr_gone"):
            return self._say(f"event_{one.kind}")
        if one.kind == "hr_changed":
            return self._say("event_hr_changed", fields=fields) if fields else ""
        if one.kind == "verdict":
            is_in = one.code in _SETTLED or one.place != "*"
            clause = words.reason(one.code, self._systems)
            return "" if is_in else self._say("event_out", reason=clause)
        if one.kind == "sent":
            return self._say("event_sent", operation=operation, place=place, fields=fields)
        if one.kind == "held":
            hold = words.name("holds", one.detail)
            return self._say("event_held", operation=operation, place=place, hold=hold)
        if one.kind in ("noticed", "solved") and self._is_told_already(one):
            return ""
        if one.kind == "refused":
            values = {**self._systems, "field": one.detail}
            return self._say("event_refused", says=words.refusal(one.code, 1, values)[0])
        return self._say(f"event_{one.kind}", says=words_of(self._finding(one.row), words)[0])

    def _is_told_already(self, one: Happening) -> bool:
        """Tell whether the decision of the same night says it, or it was nothing to solve."""
        if one.kind == "solved":
            return one.row["severity"] not in _TO_MEND
        return any(
            other.kind == "verdict" and (other.code, other.run_id) == (one.code, one.run_id)
            for other in self._happenings
        )

    def _listed(self, places: list[str]) -> str:
        named = [self._words.place(key, self._places.get(key)) for key in places]
        return ", ".join(name for name in named if name)

    def _say(self, key: str, **values: object) -> str:
        who = self._name or self._words["story"]["this_person"]
        text = str(self._words["story"][key])
        return self._words.said(text, {**self._systems, "who": who, **values})
