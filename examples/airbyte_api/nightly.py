"""Put a source, a destination and their nightly connection into an Airbyte workspace.

What is there by its name is kept: a second run creates nothing. Secrets come from files and from the
environment, never from arguments.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from airbyte_api import AirbyteAPI, api, errors, models

REPOSITORY = Path(__file__).parents[2]
PAGE = 100


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", required=True, help="source-loket or source-alveno")
    parser.add_argument("--source-config", type=Path, required=True, help="JSON file")
    parser.add_argument("--destination", required=True, help="destination-alleo or -lunchdrive")
    parser.add_argument("--destination-config", type=Path, required=True, help="JSON file")
    parser.add_argument("--name", required=True, help="what the connection is called: the employer")
    parser.add_argument("--zone", required=True, help="the employer's zone, like Europe/Amsterdam")
    parser.add_argument("--at", type=dt.time.fromisoformat, default=dt.time(0, 30))
    parser.add_argument("--registry", default="", help="put before the images, like ghcr.io/us/")
    parser.add_argument(
        "--url", default="https://api.airbyte.com/v1", help="…/api/public/v1 at home"
    )
    return parser.parse_args()


def nightly_cron(at: dt.time, zone: str, year: int) -> str:
    """Write a daily time as a Quartz expression, in UTC: the public API knows no other zone.

    The later of a year's two UTC times is taken: never before `at`, in summer an hour after it.
    """
    days = (dt.date(year, month, 1) for month in range(1, 13))
    times = [dt.datetime.combine(day, at, ZoneInfo(zone)) for day in days]
    latest = max(times, key=lambda moment: -(moment.utcoffset() or dt.timedelta()))
    moment = latest.astimezone(dt.UTC)
    return f"{moment.second} {moment.minute} {moment.hour} * * ? UTC"


@dataclass
class Workspace:
    """One workspace, and what a run did to it."""

    client: AirbyteAPI
    id: str

    def definition(self, kind: str, connector: str, registry: str) -> str:
        """Find or register the connector's image; its version is the one of metadata.yaml."""
        known = yaml.safe_load((REPOSITORY / connector / "metadata.yaml").read_text("utf-8"))[
            "data"
        ]
        image, tag = registry + known["dockerRepository"], str(known["dockerImageTag"])
        part, words = getattr(self.client, f"{kind}_definitions"), kind.title()
        listing = getattr(api, f"List{words}DefinitionsRequest")(workspace_id=self.id)
        for one in getattr(part, f"list_{kind}_definitions")(listing).definitions_response.data:
            if one.docker_repository == image:
                return say("kept", f"{kind} definition", f"{image}:{one.docker_image_tag}", one.id)
        body = models.CreateDefinitionRequest(tag, image, known["name"], known["documentationUrl"])
        request = getattr(api, f"Create{words}DefinitionRequest")(body, self.id)
        made = getattr(part, f"create_{kind}_definition")(request).definition_response
        return say("created", f"{kind} definition", f"{image}:{tag}", made.id)

    def actor(self, kind: str, name: str, definition_id: str, config: Path) -> str:
        """Find or create a source or a destination with the configuration of a file."""
        found = self._find(f"{kind}s", name)
        if found:
            return say("kept", kind, name, getattr(found, f"{kind}_id"))
        request = getattr(models, f"{kind.title()}CreateRequest")(
            configuration=json.loads(config.read_text("utf-8")),
            name=name,
            workspace_id=self.id,
            definition_id=definition_id,
        )
        create = getattr(getattr(self.client, f"{kind}s"), f"create_{kind}")
        made = getattr(create(request), f"{kind}_response")
        return say("created", kind, name, getattr(made, f"{kind}_id"))

    def connection(self, name: str, source_id: str, destination_id: str, cron: str) -> str:
        """Find or create the connection; its first sync only plans and waits for approval."""
        found = self._find("connections", name)
        if found:
            return say("kept", "connection", name, found.connection_id)
        schedule = models.AirbyteAPIConnectionSchedule(models.ScheduleTypeEnum.CRON, cron)
        request = models.ConnectionCreateRequest(
            name=name, source_id=source_id, destination_id=destination_id, schedule=schedule
        )
        made = self.client.connections.create_connection(request).connection_response
        return say("created", "connection", f"{name}, {cron}", made.connection_id)

    def _find(self, kinds: str, name: str) -> Any | None:
        """Look through all pages of a list for a name."""
        part = getattr(self.client, kinds)
        request = getattr(api, f"List{kinds.title()}Request")(workspace_ids=[self.id], limit=PAGE)
        while True:
            page = getattr(getattr(part, f"list_{kinds}")(request), f"{kinds}_response").data
            found = next((one for one in page if one.name == name), None)
            if found or len(page) < PAGE:
                return found
            request.offset += PAGE


def say(what: str, kind: str, name: str, key: str) -> str:
    print(f"{what:8}{kind}: {name} ({key})")
    return key


def main() -> None:
    """Run it; end with 1 and Airbyte's own words where it refuses."""
    given = parse_arguments()
    # The client prints every configuration that is not one of its own connectors', values and all.
    warnings.filterwarnings("ignore", "Failed to decode")
    secrets = (os.environ[f"AIRBYTE_CLIENT_{name}"] for name in ("ID", "SECRET"))
    access = models.SchemeClientCredentials(*secrets, f"{given.url}/applications/token")
    client = AirbyteAPI(models.Security(client_credentials=access), server_url=given.url)
    workspace = Workspace(client, os.environ["AIRBYTE_WORKSPACE_ID"])
    ids = {}
    try:
        for kind in ("source", "destination"):
            connector, config = getattr(given, kind), getattr(given, f"{kind}_config")
            definition_id = workspace.definition(kind, connector, given.registry)
            ids[kind] = workspace.actor(kind, f"{given.name} {connector}", definition_id, config)
        cron = nightly_cron(given.at, given.zone, dt.datetime.now(dt.UTC).year)
        workspace.connection(given.name, ids["source"], ids["destination"], cron)
    except errors.SDKError as error:
        sys.exit(f"Airbyte refused it ({error.status_code}): {error.body}")
    except Exception as error:
        # The client has no class of its own for a refused token.
        if type(error) is not Exception:
            raise
        sys.exit(f"Airbyte gave no token: {error}")


if __name__ == "__main__":
    main()
