"""`make demo`: two employers' nights, with real processes against the four local vendors.

For each pair: a preview that sends nothing, its approval, night 1, an ordinary day in HR, night 2,
and night 2 again. At the end the platform's own account list is compared with what we think.
The two pairs run side by side; each line starts with the platform it is about.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from people_sandbox import start_sandbox
from people_sandbox.client import Sandbox
from rich.console import Console
from rich.table import Table

PEOPLE_SYNC = Path(sys.executable).parent / "people-sync"
QUERY = (
    "select operation, reason, count(*) as people from sync.plan "
    "where run_id = (select max(run_id) from sync.runs) group by all order by all"
)


@dataclass(frozen=True)
class Pair:
    """An HR system and the platform that follows it."""

    title: str
    source: str
    destination: str
    platform: str
    place: str
    is_active: str
    worth_a_look: tuple[tuple[str, str], ...]


PAIRS = (
    Pair(
        "Loket → Alleo",
        "source-loket",
        "destination-alleo",
        "alleo",
        "company_id",
        "is_active",
        (
            ("alleo_access says FALSE", "plan.reason = 'access_off'"),
            ("alleo_access is on the employment, where it does not count", "field_on_employment"),
        ),
    ),
    Pair(
        "Alveno → Lunchdrive",
        "source-alveno",
        "destination-lunchdrive",
        "lunchdrive",
        "client_id",
        "active",
        (
            ("LDID: 0 in the note", "plan.reason = 'ldid_zero'"),
            ("two LDIDs in the note", "two accounts"),
            ("an LDID that cannot be read", "ldid_malformed"),
        ),
    ),
)


@dataclass
class Told:
    """What one run said, and how many vendor calls it made that write."""

    step: str
    exit_code: int
    writes: int
    seconds: float
    summary: dict[str, Any]


@dataclass
class Story:
    """The runs of one pair."""

    pair: Pair
    folder: Path
    console: Console
    runs: list[Told] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def connection(self) -> Path:
        return self.folder / "connection.yaml"

    def say(self, text: str, style: str = "") -> None:
        """Print a line; both pairs print at once."""
        tag = self.pair.platform.ljust(11)
        self.console.print(f"{tag} {text}", markup=False, style=style)

    @property
    def staging(self) -> Path:
        return Path(self.runs[-1].summary["staging"])


def main() -> int:
    """Run both pairs and tell whether everything was as promised."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--size", type=int, default=60, help="people in each HR system")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path, default=Path(".demo"))
    parser.add_argument("--desk", action="store_true", help="keep all of it and serve the desk")
    parser.add_argument("--port", type=int, default=8711, help="of the desk")
    options = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    shutil.rmtree(options.folder, ignore_errors=True)
    began = time.monotonic()
    with start_sandbox(size=options.size, seed=options.seed) as box:
        console.print(f"[bold]Four vendors answer at {box.url}[/bold], {options.size} people each.")
        folder = options.folder.absolute()
        stories = [Story(pair, folder / pair.platform, console) for pair in PAIRS]
        side_by_side(first_night, box, stories)
        changed = box.night(joiners=3, changes=4, leavers=2, moves=1)
        console.print("\n[bold]A day passes in HR:[/bold] " + listed(changed["changed"]))
        side_by_side(second_night, box, stories)
        console.rule("What happened")
        for story in stories:
            show_runs(console, story)
            compare(console, box, story)
        if options.desk:
            # Beside this script, which is not always run as one.
            from desk_demo import play

            play(box, folder, console, options.port)
    show_ends(console, stories)
    console.print(f"\n{time.monotonic() - began:.0f} seconds.")
    problems = [f"{story.pair.title}: {text}" for story in stories for text in story.problems]
    for problem in problems:
        console.print(f"[bold red]Not as promised:[/bold red] {problem}", markup=True)
    return 1 if problems else 0


def side_by_side(
    part: Callable[[Sandbox, Story], None], box: Sandbox, stories: list[Story]
) -> None:
    """Play a part of every story at the same time, as two schedulers would."""
    with ThreadPoolExecutor(len(stories)) as pool:
        for done in [pool.submit(part, Sandbox(box.url), story) for story in stories]:
            done.result()


def first_night(box: Sandbox, story: Story) -> None:
    """Preview, approval and night 1."""
    pair = story.pair
    story.folder.mkdir(parents=True)
    write_json(story.folder / "source.json", box.config(pair.source))
    write_json(story.folder / "destination.json", box.config(pair.destination))
    story.connection.write_text(
        f"source: {{connector: {pair.source}, config: source.json}}\n"
        f"destination: {{connector: {pair.destination}, config: destination.json}}\n"
        "state: .people-sync/state.json\n"
        "streams: all\n"
    )
    preview = run(box, story, "preview", expected=3)
    expect(story, preview.writes == 0, f"the preview sent {preview.writes} changes")
    call = [str(PEOPLE_SYNC), "approve", str(preview.summary["plan_hash"])]
    call += ["--connection", str(story.connection), "--by", "demo"]
    story.say(f"approval       $ {shown(call)}")
    approved = subprocess.run(call, capture_output=True, text=True, check=False)
    story.say(f"  {(approved.stdout + approved.stderr).splitlines()[0]}")
    expect(story, approved.returncode == 0, "the approval was refused")
    run(box, story, "night 1", expected=0)
    look(story)


def second_night(box: Sandbox, story: Story) -> None:
    """Night 2, and the same night again."""
    path = story.folder / "destination.json"
    today = {"as_of": box.control()["as_of"]}
    write_json(path, json.loads(path.read_text()) | today)
    run(box, story, "night 2", expected=0)
    again = run(box, story, "night 2 again", expected=0)
    expect(story, again.writes == 0, f"the repeated night wrote {again.writes} times")


def run(box: Sandbox, story: Story, step: str, *, expected: int) -> Told:
    """Run the connection once, as a person would."""
    before = len(box.requests(story.pair.platform, writes=True))
    call = [str(PEOPLE_SYNC), "run", str(story.connection), "--output", "json"]
    story.say(f"{step:<14} $ {shown(call[:3])}", style="bold")
    began = time.monotonic()
    ended = subprocess.run(call, capture_output=True, text=True, check=False)
    writes = len(box.requests(story.pair.platform, writes=True)) - before
    try:
        summary = json.loads(ended.stdout)
    except ValueError:
        raise SystemExit(f"people-sync said no JSON:\n{ended.stdout}\n{ended.stderr}") from None
    if "error" in summary:
        raise SystemExit(f"{story.pair.title}, {step}: {summary['error']} {summary['facts']}")
    told = Told(step, ended.returncode, writes, time.monotonic() - began, summary)
    story.runs.append(told)
    story.say(f"  {step}: {summary['headline'] or summary['status']}")
    for held in summary["held"]:
        story.say(f"  held: {held['rows']} × {held['operation']}: {held['why']}")
    story.say(f"  {writes} writes, exit code {told.exit_code}, {told.seconds:.1f} s")
    if told.exit_code != expected:
        expect(story, False, f"{step} ended with {told.exit_code}, not {expected}")
        for text in summary.get("errors") or [summary.get("error") or ended.stderr]:
            story.say(f"  {text}", style="red")
    return told


def look(story: Story) -> None:
    """Show the people worth a look: what HR typed and what became of it."""
    with duckdb.connect(str(story.staging), read_only=True) as store:
        for title, which in story.pair.worth_a_look:
            people = list(found_people(store, which))
            expect(story, bool(people), f"nobody with {title}")
            for person_id, outcome in people[:1]:
                story.say(f"  {title}: {person_id}: {outcome}")


def found_people(store: duckdb.DuckDBPyConnection, which: str) -> Iterator[tuple[str, str]]:
    if which == "two accounts":
        rows = store.execute(
            "select person_id, 'in ' || string_agg(account_key, ' and ' order by account_key) "
            "from sync.ledger where state = 'active' group by person_id having count(*) = 2 "
            "order by 1"
        )
    elif which.startswith("plan."):
        rows = store.execute(
            "select distinct person_id, 'skipped (' || reason || ')' from sync.plan as plan "
            f"where {which} and run_id = (select max(run_id) from sync.runs) order by 1"
        )
    else:
        rows = store.execute(
            "select distinct person_id, 'reported (' || code || ')' from sync.findings "
            "where code = ? order by 1",
            [which],
        )
    yield from rows.fetchall()


def show_runs(console: Console, story: Story) -> None:
    """One line per run."""
    table = Table(title=story.pair.title, title_justify="left")
    for name in ("step", "joined", "changed", "left", "held", "skipped", "findings", "writes"):
        table.add_column(name, justify="left" if name == "step" else "right")
    for told in story.runs:
        counts = told.summary.get("counts") or {}
        keys = ("joining", "changing", "leaving", "held", "skipped", "findings")
        table.add_row(told.step, *(str(counts.get(key, "")) for key in keys), str(told.writes))
    console.print(table)


def compare(console: Console, box: Sandbox, story: Story) -> None:
    """Compare our ledger with the platform's own list of active accounts."""
    theirs: dict[str, set[str]] = {}
    for account in box.accounts(story.pair.platform):
        if account[story.pair.is_active]:
            key = str(account[story.pair.place])
            theirs.setdefault(key, set()).add(str(account["external_id"]))
    ours: dict[str, set[str]] = {}
    with duckdb.connect(str(story.staging), read_only=True) as store:
        for key, external_id in store.execute(
            "select account_key, external_id from sync.ledger where state = 'active'"
        ).fetchall():
            ours.setdefault(key, set()).add(external_id)
    table = Table()
    for name in (story.pair.place, "we think", "they have", "equal"):
        table.add_column(name, justify="right")
    for key in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get(key, set()), theirs.get(key, set())
        table.add_row(key, str(len(mine)), str(len(other)), "yes" if mine == other else "NO")
        expect(story, mine == other, f"accounts of {key} differ from the platform's list")
    console.print(table)


def show_ends(console: Console, stories: list[Story]) -> None:
    """Say where to look next."""
    for story in stories:
        console.print(f"\n[bold]{story.pair.title}[/bold]")
        console.print(f"  report:  {story.runs[-1].summary['report']}", markup=False)
        console.print(f"  staging: {story.staging}", markup=False)
    console.print("\nTry:")
    call = f"import duckdb; print(duckdb.connect('{stories[0].staging}', read_only=True)"
    console.print(
        "  make desk   # the same, then in a browser: approve, hire, fire, break a vendor"
    )
    console.print(f'  {sys.executable} -c "{call}.sql(\\"{QUERY}\\"))"', markup=False)


def listed(changes: list[dict[str, Any]]) -> str:
    """Count what happened per HR system and kind."""
    counts: dict[str, int] = {}
    for change in changes:
        name = f"{change['vendor']} {change['kind']}"
        counts[name] = counts.get(name, 0) + 1
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def expect(story: Story, is_so: bool, problem: str) -> None:
    if not is_so:
        story.problems.append(problem)


def shown(call: list[str]) -> str:
    """A command as a person would type it from here."""
    here = Path.cwd()
    words = [Path(call[0]).name, *call[1:]]
    return " ".join(word.replace(f"{here}/", "") for word in words)


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2))
    path.chmod(0o600)


if __name__ == "__main__":
    sys.exit(main())
