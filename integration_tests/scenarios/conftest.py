"""One sandbox per test process, as it was at the start for every test, and connections to it."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from people_sandbox import start_sandbox
from people_sandbox.client import Sandbox
from people_sandbox.postgres import Postgres

from ..airbyte_platform.pipe import PlatformPipe
from .connections import PAIRS, PLATFORM, Connection, Launcher, SharedLake
from .on_platform import OnPlatform, platform_pipe
from .points import Draw

FIRST_DAY = "2026-03-02"
_NOTHING = dict.fromkeys(("joiners", "changes", "leavers", "rehires", "moves", "backdated_ends"), 0)
_SETTINGS = {
    "alleo": {"rate_limit": None, "email_scope": "company"},
    "lunchdrive": {"rate_limit": None, "unique_scope": "client", "error_shape": "object"},
}


@pytest.fixture(scope="session")
def shared_box() -> Iterator[tuple[Sandbox, dict[str, Any]]]:
    with start_sandbox(size=24, seed=7, as_of=FIRST_DAY) as box:
        yield box, {vendor: box.world(vendor) for vendor in ("loket", "alveno")}


@pytest.fixture
def box(shared_box: tuple[Sandbox, dict[str, Any]]) -> Sandbox:
    """The sandbox as it was on its first day: nobody has an account yet."""
    return at_the_start(*shared_box)


def at_the_start(sandbox: Sandbox, worlds: dict[str, Any]) -> Sandbox:
    """Put a sandbox back to its first day."""
    sandbox.clear_faults()
    sandbox.night(as_of=FIRST_DAY, **_NOTHING)
    for vendor, world in worlds.items():
        sandbox.put_world(vendor, world)
    for platform in PLATFORM.values():
        sandbox.put_accounts(platform, [])
    as_usual(sandbox)
    sandbox.clear_requests()
    return sandbox


def as_usual(sandbox: Sandbox) -> None:
    """Let the platforms behave as they do where a test says nothing else."""
    for platform, settings in _SETTINGS.items():
        sandbox.settings(platform, **settings)


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Launcher]]:
    """Every program, warmed; each is started when it is first asked for."""
    folder = tmp_path_factory.mktemp("programs")
    modules = {name: f"{name.replace('-', '_')}.run" for pair in PAIRS.values() for name in pair}
    modules["people-sync"] = "people_sync.program:main"
    started = {name: Launcher(module, folder / name) for name, module in modules.items()}
    yield started
    for launcher in started.values():
        launcher.close()


@pytest.fixture
def on_platform() -> OnPlatform:
    """Put a connection on the platform: `on_platform(connection, supports_refreshes=False)`."""

    def make(connection: Connection, fresh: str = "", **choices: Any) -> PlatformPipe:
        return platform_pipe(connection, fresh, **choices)

    return make


@pytest.fixture(scope="session")
def kept() -> dict[str, bytes]:
    """What the sources say of the first day."""
    return {}


@pytest.fixture
def shared_lake(postgres: Postgres, new_lake: Callable[[Path], str], tmp_path: Path) -> SharedLake:
    """A lake that nobody has written to."""
    return SharedLake(postgres, new_lake(tmp_path / "lake"), tmp_path / "lake")


@pytest.fixture
def lake(request: pytest.FixtureRequest) -> SharedLake | None:
    """The lake of every connection that the test makes, where a test asks for `warehouse` ducklake."""
    if getattr(request, "param", "file") == "file":
        return None
    found: SharedLake = request.getfixturevalue("shared_lake")
    return found


@pytest.fixture
def connect(
    box: Sandbox,
    tmp_path: Path,
    programs: dict[str, Launcher],
    kept: dict[str, bytes],
    lake: SharedLake | None,
) -> Callable[..., Connection]:
    """Make a connection: `connect("source-loket", "destination-alleo", brakes={…})`."""

    def make(
        source: str,
        destination: str,
        source_settings: dict[str, Any] | None = None,
        **settings: Any,
    ) -> Connection:
        folder = tmp_path / f"{source}-{destination}"
        if lake is not None:
            settings.setdefault("warehouse", lake.warehouse)
        return Connection(
            box,
            folder,
            source,
            destination,
            programs,
            kept,
            source_settings or {},
            settings,
            lake,
        )

    return make


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Print a line that is seen also when the test passes, and from a worker of xdist."""

    def line(text: str) -> None:
        with capsys.disabled():
            os.write(2, f"\n{text}\n".encode())

    return line


@pytest.fixture
def draw(request: pytest.FixtureRequest, say: Callable[[str], None]) -> Draw:
    """What this test leaves to chance; its seed is printed, and `--seed` takes the same again."""
    seed = request.config.getoption("seed")
    if seed is None:
        seed = random.SystemRandom().randrange(10**6)
    say(f"{request.node.name}: --seed {seed}")
    return Draw(random.Random(seed), request.config.getoption("every_point"))
