"""Which employers take part and where their people belong; saved only if the destination agrees."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from people_transforms.errors import ConfigError
from starlette.responses import Response

from people_sync.desk.onboarding.journey import Journey
from people_sync.desk.onboarding.plans import is_live
from people_sync.desk.onboarding.steps.link import mark_done
from people_sync.desk.visit import Visit
from people_sync.running.programs import read_employers

_WRONG_PLACE = "place"
_NOBODY = "nobody"


def employers(visit: Visit) -> Response:
    if "source" not in visit.journey.done or "destination" not in visit.journey.done:
        return visit.go_to()
    if is_live(visit.onboarding):
        return visit.show("onboarding/live.html.j2", 409 if visit.is_post else 200)
    if not visit.journey.employers or visit.value("again"):
        if not visit.may("program"):
            return visit.too_often()
        _read_again(visit)
        if visit.value("again"):
            return visit.go_to("employers")
    if not visit.is_post:
        return _show(visit, "")
    chosen, changes, wrong = _chosen(visit)
    if not wrong:
        checked = visit.onboarding.check_destination(changes)
        wrong = "" if checked.is_fine else checked.sentence or "no answer"
    if wrong:
        return _show(visit, wrong, 422)
    setting = visit.onboarding.source.employers.get("setting")
    if setting:
        connector = visit.onboarding.file.source
        visit.onboarding.save(connector, {**visit.onboarding.config(connector), setting: chosen})
    visit.note("employers_chosen", employers=len(chosen))
    mark_done(visit, "employers")
    return visit.go_to()


def _show(visit: Visit, wrong: str, status: int = 200) -> Response:
    onboarding = visit.onboarding
    source, destination = (
        onboarding.config(onboarding.file.source),
        onboarding.config(onboarding.file.destination),
    )
    if visit.is_post:
        selected = set(visit.values("employer"))
    else:
        known = source.get(onboarding.source.employers.get("setting", "")) or []
        selected = {str(one) for one in known} or {one["id"] for one in visit.journey.employers}
    return visit.show(
        "onboarding/employers.html.j2",
        status,
        wrong=wrong,
        selected=selected,
        placed=_placed(visit, destination),
        routing=_routing(visit, destination),
        can_choose=bool(
            onboarding.source.employers.get("setting") or onboarding.destination.mapping
        ),
    )


def _placed(visit: Visit, config: Mapping[str, Any]) -> dict[str, str]:
    """Where each employer's people belong: as typed, else as configured."""
    if visit.is_post:
        return {one["id"]: visit.value(f"place:{one['id']}") for one in visit.journey.employers}
    mapping = visit.onboarding.destination.mapping
    entries = config.get(mapping["setting"]) if mapping else []
    return {
        str(entry[mapping["employer"]]): str(entry[mapping["place"]])
        for entry in entries or []
        if isinstance(entry, dict) and mapping["employer"] in entry and mapping["place"] in entry
    }


def _routing(visit: Visit, config: Mapping[str, Any]) -> dict[str, str]:
    routing = visit.onboarding.destination.routing
    if not routing:
        return {}
    if visit.is_post:
        return {name: visit.value(name) for name in ("mode", "one", "many")}
    many = config.get(routing["many"]) or [place["key"] for place in visit.journey.places]
    return {
        "mode": str(config.get(routing["mode"]) or "single"),
        "one": str(config.get(routing["one"]) or ""),
        "many": ", ".join(str(key) for key in many),
    }


def _chosen(visit: Visit) -> tuple[list[str], dict[str, Any], str]:
    """Read the form: the chosen employers, the destination's changes, and what is wrong."""
    onboarding = visit.onboarding
    listed = [one["id"] for one in visit.journey.employers]
    ticked = set(visit.values("employer"))
    chosen = [employer for employer in listed if employer in ticked]
    if not chosen:
        return [], {}, _NOBODY
    mapping, routing = onboarding.destination.mapping, onboarding.destination.routing
    if mapping:
        places = {employer: visit.value(f"place:{employer}") for employer in chosen}
        if not all(re.fullmatch(r"[0-9]{1,12}", place) for place in places.values()):
            return chosen, {}, _WRONG_PLACE
        entries = onboarding.config(onboarding.file.destination).get(mapping["setting"]) or []
        before = {
            str(entry.get(mapping["employer"])): entry
            for entry in entries
            if isinstance(entry, dict)
        }
        kept = [
            _entry(before.get(employer), mapping, employer, int(place))
            for employer, place in places.items()
        ]
        return chosen, {mapping["setting"]: kept}, ""
    if routing:
        mode, one = visit.value("mode"), visit.value("one")
        many = [part for part in re.split(r"[\s,;]+", visit.value("many")) if part]
        numbers = many if mode == "group" else [one]
        if not all(re.fullmatch(r"[0-9]{1,12}", number) for number in numbers) or not numbers:
            return chosen, {}, _WRONG_PLACE
        changes: dict[str, Any] = {routing["mode"]: "group" if mode == "group" else "single"}
        changes[routing["many"] if mode == "group" else routing["one"]] = (
            many if mode == "group" else one
        )
        return chosen, changes, ""
    return chosen, {}, ""


def _entry(
    before: Mapping[str, Any] | None, mapping: Mapping[str, str], employer: str, place: int
) -> dict[str, Any]:
    """Keep what else was set for the employer, such as a group, as long as the place is the same."""
    entry = {mapping["employer"]: employer, mapping["place"]: place}
    if before is not None and str(before.get(mapping["place"])) == str(place):
        return {**before, **entry}
    return entry


def _read_again(visit: Visit) -> None:
    onboarding = visit.onboarding
    connector = onboarding.file.source
    config = onboarding.config(connector)
    setting = onboarding.source.employers.get("setting")
    everything = {name: value for name, value in config.items() if name != setting}
    read = read_employers(
        connector, everything, onboarding.file.folder, onboarding.source.employers
    )
    chosen = {setting: config[setting]} if setting and setting in config else {}
    onboarding.save(connector, {**read.config, **chosen})
    if read.sentence:
        raise ConfigError(read.sentence)

    def note(journey: Journey) -> None:
        journey.employers = read.found

    visit.change(note)
