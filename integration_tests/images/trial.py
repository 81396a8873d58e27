"""Build a connector's image and start it as Airbyte's platform does; keep what it said.

The platform starts `sh -c 'eval "$AIRBYTE_ENTRYPOINT …"'` as user 1000, in /source or /dest: an empty
volume of the pod, with the configuration in it. The image's own WORKDIR is not used.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from . import base
from .content import REPOSITORY, content_hash
from .engine import ImageError, buildah, container
from .machine import build_mounts

KEPT = REPOSITORY / "build" / "images"
_USER = 1000


@dataclass(frozen=True)
class Trial:
    """What one image said of itself. `checks` are by the name of the configuration."""

    labels: dict[str, str]
    user: str
    spec: list[dict[str, Any]]
    checks: dict[str, list[dict[str, Any]]]
    packages: str
    can_change_its_code: bool


def try_image(connector: str, configs: dict[str, dict[str, Any]]) -> Trial:
    """Build and start it, or give what was kept of an image with the same content."""
    # The code of this folder belongs to the trial: who changes it wants it run again.
    own = "".join(path.read_text() for path in sorted(Path(__file__).parent.glob("*.py")))
    file = KEPT / f"{connector}-{content_hash(connector, own, base.describe())[:16]}.json"
    if not file.is_file():
        trial = _try_now(connector, configs)
        KEPT.mkdir(parents=True, exist_ok=True)
        for older in KEPT.glob(f"{connector}-*.json"):
            older.unlink()
        file.write_text(json.dumps(asdict(trial), indent=1))
    return Trial(**json.loads(file.read_text()))


def _try_now(connector: str, configs: dict[str, dict[str, Any]]) -> Trial:
    image = f"localhost/people-sync/{connector}:trial"
    with tempfile.TemporaryDirectory() as folder:
        mounts = [word for mount in build_mounts(Path(folder)) for word in ("-v", mount)]
        # --from puts our base in the place of the pinned one.
        buildah(
            "build", "--quiet", "--layers=false", "--pull-never", "--from", base.make_base(),
            *mounts, "-f", REPOSITORY / connector / "Dockerfile", "-t", image, REPOSITORY,
        )  # fmt: skip
        try:
            return _start(connector, image, configs, Path(folder))
        finally:
            buildah("rmi", "--force", image)


def _start(connector: str, image: str, configs: dict[str, dict[str, Any]], folder: Path) -> Trial:
    described = json.loads(buildah("inspect", "--type", "image", image))["OCIv1"]["config"]
    with container(image) as working:
        checks = {}
        for name, config in configs.items():
            checks[name] = _as_the_platform(working, connector, "check", folder / name, config)
        spec = _as_the_platform(working, connector, "spec", folder / "spec", None)
        packages = buildah("run", working, "--", "pip", "check")
        place = "import os, sysconfig; print(os.access(sysconfig.get_path('purelib'), os.W_OK))"
        writable = buildah("run", "--user", str(_USER), working, "--", "python", "-c", place)
    return Trial(
        described.get("Labels", {}), described.get("User", ""), spec, checks, packages,
        writable == "True",
    )  # fmt: skip


def _as_the_platform(
    working: str, connector: str, command: str, volume: Path, config: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """One command in an empty volume of its own; every line of its output must be a message."""
    directory = "/source" if connector.startswith("source-") else "/dest"
    volume.mkdir()
    words = command
    if config is not None:
        (volume / "config.json").write_text(json.dumps(config))
        words += f" --config {directory}/config.json"
    for path in (volume, *volume.iterdir()):
        os.chown(path, _USER, _USER)
    volume.parent.chmod(0o755)
    try:
        said = buildah(
            "run", "--user", str(_USER), "--workingdir", directory, "-v", f"{volume}:{directory}",
            working, "--", "sh", "-c", f'eval "$AIRBYTE_ENTRYPOINT {words}"',
        )  # fmt: skip
    finally:
        shutil.rmtree(volume)
    try:
        return [json.loads(line) for line in said.splitlines()]
    except ValueError:
        raise ImageError(f"{connector} {command} said what is no message") from None
