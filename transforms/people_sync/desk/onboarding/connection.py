"""What all pages of one onboarding share: its connection, its journey, its choices and its clock."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from people_transforms.errors import ConfigError

from people_sync.commands.store import Store, store_of
from people_sync.connection.atomic_file import replace_file
from people_sync.connection.connection_file import ConnectionFile, Connector, read_config
from people_sync.desk.onboarding.connectors import Described, describe, is_known
from people_sync.desk.onboarding.dryrun import DryRun
from people_sync.desk.onboarding.journey import Journey, JourneyFile, journey_path
from people_sync.running import programs

HIDDEN = "•••"


@dataclass(slots=True)
class Onboarding:
    """One connection being onboarded. Configurations are read afresh and written as a whole."""

    file: ConnectionFile
    base_url: str
    clock: Callable[[], dt.datetime]
    journey: JourneyFile
    source: Described
    destination: Described
    dry_run: DryRun = field(default_factory=DryRun)

    def start_dry_run(self) -> None:
        """Start the dry run, unless it is running already."""
        self.dry_run.start(self.file, self.journey, self.choice(), self.clock)

    def origin(self) -> str | None:
        """Give the origin of the source's consent page, which a form may lead to."""
        return self.source.origin(self.config(self.file.source))

    def store(self) -> Store:
        return store_of(self.file.path)

    def config(self, connector: Connector) -> dict[str, Any]:
        return read_config(connector.config)

    def zone(self) -> dt.tzinfo:
        """Give the connection's time zone, for the times on the pages."""
        name = self.config(self.file.destination).get("timezone") or self.source.timezone
        try:
            return zoneinfo.ZoneInfo(str(name))
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            return dt.UTC

    def save(self, connector: Connector, config: Mapping[str, Any]) -> None:
        """Replace a configuration; only its owner may read it."""
        replace_file(
            connector.config, (json.dumps(config, indent=2, ensure_ascii=False) + "\n").encode()
        )

    def end(self, name: str) -> tuple[Connector, Described]:
        """Give the source or the destination with its description."""
        if name == "source":
            return self.file.source, self.source
        return self.file.destination, self.destination

    def check_source(self, changes: Mapping[str, Any]) -> programs.Checked:
        """Check the source with changed settings, and keep them only if they work."""
        connector = self.file.source
        config = {**self.config(connector), **changes}
        checked = programs.check(connector, config, self.file.folder)
        if checked.is_fine:
            self.save(connector, checked.config)
        return self._without_secrets(checked, self.source)

    def check_destination_keys(self, changes: Mapping[str, Any]) -> programs.Checked:
        """Check the destination's keys by the places they see, and keep them if they see any."""
        connector, described = self.end("destination")
        config = {**self.config(connector), **changes}
        asked = {**described.to_list_places, **config}
        try:
            places = programs.read_places(connector, asked, self.file.folder)
        except ConfigError as error:
            return self._without_secrets(programs.Checked(False, str(error), config), described)
        self.save(connector, config)
        self.journey.change(lambda journey: _note_places(journey, places))
        return self._without_secrets(programs.Checked(True, "", config), described)

    def check_destination(self, changes: Mapping[str, Any]) -> programs.Checked:
        """Check the destination as a run will use it, and keep the changes only if they work."""
        connector, described = self.end("destination")
        config = {**self.config(connector), **changes}
        checked = programs.check(connector, config, self.file.folder)
        if checked.is_fine:
            self.save(connector, checked.config)
        return self._without_secrets(checked, described)

    def has_keys(self, end: str) -> bool:
        """Tell whether every key of an end has a value already."""
        connector, described = self.end(end)
        config = self.config(connector)
        return all(config.get(key["setting"]) for key in described.keys)

    def is_mapped(self) -> bool:
        """Tell whether the destination knows who belongs where, so that a run can plan."""
        config = self.config(self.file.destination)
        if self.destination.mapping:
            return bool(config.get(self.destination.mapping["setting"]))
        routing = self.destination.routing
        if routing and config.get(routing["mode"], "single") == "single":
            return bool(config.get(routing["one"]))
        return True

    def choice(self) -> str:
        """Name the choice of employers and places, so that a dry run of another one is noticed."""
        source, destination = self.config(self.file.source), self.config(self.file.destination)
        chosen = {str(one) for one in source.get(self.source.employers.get("setting", "")) or []}
        everybody = {one["id"] for one in self.journey.read().employers}
        entries = destination.get(self.destination.mapping.get("setting", "")) or []
        named = [
            sorted(chosen) if chosen and chosen != everybody else "all",
            sorted(json.dumps(entry, sort_keys=True, default=str) for entry in entries),
            [destination.get(setting) for setting in self.destination.routing.values()],
        ]
        return hashlib.sha256(json.dumps(named, default=str).encode()).hexdigest()[:16]

    def next_step(self, journey: Journey) -> str:
        """Name the first step that is not done. Without a mapping the employers come first."""
        steps = ["reads", "source", "destination", "congratulations", "test", "employers"]
        if not self.is_mapped():
            steps[4:] = ["employers", "test"]
        for step in steps:
            if step == "test":
                if journey.preview is None or not journey.preview.plan_hash:
                    return step
                if journey.preview.choice != self.choice() and not journey.approved:
                    return step
            elif step not in journey.done:
                return step
        return "active" if journey.approved else "confirm"

    def _without_secrets(self, checked: programs.Checked, described: Described) -> programs.Checked:
        sentence = checked.sentence
        for secret in described.secrets_of(checked.config):
            sentence = sentence.replace(secret, HIDDEN)
        return programs.Checked(checked.is_fine, sentence, checked.config)


def knows(file: ConnectionFile) -> bool:
    """Tell whether there is an onboarding for both ends of a connection."""
    return is_known(file.source.name) and is_known(file.destination.name)


def open_onboarding(
    file: ConnectionFile, base_url: str, clock: Callable[[], dt.datetime]
) -> Onboarding:
    """Open the onboarding of a connection; its journey is kept beside the state."""
    return Onboarding(
        file=file,
        base_url=base_url.rstrip("/"),
        clock=clock,
        journey=JourneyFile(journey_path(file)),
        source=describe(file.source.name),
        destination=describe(file.destination.name),
    )


def _note_places(journey: Journey, places: list[dict[str, str]]) -> None:
    journey.places = places
