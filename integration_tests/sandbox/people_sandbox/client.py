"""Start a sandbox in a process of its own and speak to its control side."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from people_sandbox.errors import SandboxError

_PATIENCE = 300  # seconds that one control call may take, for worlds of a million people


class Sandbox:
    """A running sandbox at ``url``."""

    def __init__(self, url: str, process_id: int | None = None) -> None:
        self.url = url
        self.process_id = process_id
        import requests  # here, so that the command line starts without it

        self._session = requests.Session()

    def close(self) -> None:
        self._session.close()

    def _call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        params = {name: str(value) for name, value in query.items() if value is not None}
        answer = self._session.request(
            method, f"{self.url}/control{path}", json=body, params=params, timeout=_PATIENCE
        )
        if answer.status_code >= 400:
            raise SandboxError(f"{method} /control{path}: {answer.text}")
        return answer.json()

    def control(self) -> dict[str, Any]:
        """Urls, credentials, ids and the sandbox's date."""
        found: dict[str, Any] = self._call("GET", "")
        return found

    def night(self, **what: Any) -> dict[str, Any]:
        """Let one night pass; see ``nights.py`` for the counts that can be given."""
        found: dict[str, Any] = self._call("POST", "/night", what)
        return found

    def world(self, vendor: str) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = self._call("GET", f"/world/{vendor}")
        return found

    def put_world(self, vendor: str, world: dict[str, list[dict[str, Any]]]) -> None:
        self._call("PUT", f"/world/{vendor}", world)

    def patch(self, vendor: str, collection: str, key: Any, /, **fields: Any) -> dict[str, Any]:
        """Merge fields into one record of an HR world."""
        found: dict[str, Any] = self._call("PATCH", f"/world/{vendor}/{collection}/{key}", fields)
        return found

    def add(self, vendor: str, collection: str, record: dict[str, Any]) -> str:
        return str(self._call("POST", f"/world/{vendor}/{collection}", record)["id"])

    def remove(self, vendor: str, collection: str, key: Any) -> None:
        self._call("DELETE", f"/world/{vendor}/{collection}/{key}")

    def accounts(self, vendor: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._call("GET", f"/accounts/{vendor}")
        return found

    def put_accounts(self, vendor: str, accounts: list[dict[str, Any]]) -> None:
        self._call("PUT", f"/accounts/{vendor}", accounts)

    def requests(
        self, vendor: str | None = None, writes: bool | None = None
    ) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._call("GET", "/requests", vendor=vendor, writes=writes)
        return found

    def clear_requests(self) -> None:
        self._call("DELETE", "/requests")

    def fault(self, vendor: str, name: str, **options: Any) -> None:
        """Switch a fault on: match, times (None = until removed), after, seconds, retry_after, employer_id."""
        self._call("POST", "/fault", {"vendor": vendor, "fault": name} | options)

    def clear_faults(self) -> None:
        self._call("DELETE", "/fault")

    def settings(self, vendor: str, **changes: Any) -> dict[str, Any]:
        """Change how a vendor behaves (rate limit, rotation, …) and return its settings."""
        found: dict[str, Any] = self._call("PATCH", f"/settings/{vendor}", changes)
        return found

    def config(self, connector: str, **overrides: Any) -> dict[str, Any]:
        """A configuration of this project's connector that works against this sandbox."""
        variant = str(overrides.get("source_system") or overrides.get("api") or "")
        found: dict[str, Any] = self._call("GET", f"/config/{connector}", variant=variant)
        return found | overrides


@contextmanager
def start_sandbox(
    size: int = 60,
    seed: int = 7,
    as_of: str | None = None,
    employers: int | None = None,
    port: int = 0,
) -> Iterator[Sandbox]:
    """Run a sandbox process on a free port for as long as the ``with`` lasts."""
    command = [
        sys.executable,
        "-m",
        "people_sandbox",
        "--size",
        str(size),
        "--seed",
        str(seed),
        "--port",
        str(port),
    ]
    command += ["--as-of", as_of] if as_of else []
    command += ["--employers", str(employers)] if employers else []
    process = subprocess.Popen(
        [*command, "--until-stdin-closes"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin and process.stdout
    try:
        line = process.stdout.readline()
        if not line:
            raise SandboxError(f"The sandbox did not start: exit code {process.wait()}.")
        box = Sandbox(json.loads(line)["url"], process.pid)
        try:
            yield box
        finally:
            box.close()
    finally:
        process.stdin.close()
        process.stdout.close()
        process.terminate()
        process.wait()
