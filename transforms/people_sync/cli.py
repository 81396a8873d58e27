"""The command line `people-sync`: lists the commands and turns errors into exit codes.

Exit codes: 0 done, 2 usage or configuration, 3 held (approval needed), 4 partly delivered,
1 failed. Nothing slow is imported here, so that `--help` answers at once.
"""

from __future__ import annotations

from people_transforms import kept_out  # isort: skip  # noqa: F401  - before anything imports DuckDB

import contextlib
import errno
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING

import click
from people_connector.own_words import frames, named
from people_transforms.errors import FULL, ConfigError, HeldError, StoreError, SyncError
from people_transforms.exit_codes import DONE, FAILED, HELD, MISCONFIGURED
from people_transforms.safe_text import as_json, printable

from people_sync.commands import (
    approve,
    check,
    desk,
    erase,
    explain,
    fleet,
    init,
    lint,
    onboard,
    plan,
    register,
    report,
    retry,
    run,
    sql,
    status,
    undo,
    watch,
)

if TYPE_CHECKING:
    from people_sync.running.warm import Warm

GROUPS = {
    "To begin": (init.command, check.command, onboard.command),
    "Every night": (run.command, status.command, watch.command, fleet.command),
    "What will happen, and your word on it": (
        plan.command,
        approve.command,
        undo.command,
        retry.command,
    ),
    "In a browser": (desk.command,),
    "Questions": (
        explain.command,
        lint.command,
        report.command,
        sql.command,
    ),
    "Privacy": (erase.command, register.command),
}
_NO_FACTS: Mapping[str, object] = MappingProxyType({})
COMPLETION = 'eval "$(_PEOPLE_SYNC_COMPLETE=bash_source people-sync)"'


class _Grouped(click.Group):
    """Lists its commands under headings; those of other packages come last.

    Other packages are asked only where a command is not known here: looking through all that are
    installed takes as long as the rest of the start.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        self._add_others()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands:
            self._add_others()
        return super().get_command(ctx, cmd_name)

    def _add_others(self) -> None:
        for entry in entry_points(group="people_sync.commands"):
            if entry.name not in self.commands:
                self.add_command(_provided(entry))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self._add_others()
        known = {command.name for commands in GROUPS.values() for command in commands}
        others = tuple(self.commands[name] for name in self.commands if name not in known)
        for title, commands in {**GROUPS, "Others": others}.items():
            rows = [(str(one.name), one.get_short_help_str(100)) for one in commands]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


def main(arguments: Sequence[str] | None = None, warm: Warm | None = None) -> None:
    """Run one command and leave with its exit code; `warm` is what its process has imported."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _refuse_other_bytes(arguments)
        code = build().main(
            args=arguments, prog_name="people-sync", standalone_mode=False, obj=warm
        )
    except click.ClickException as error:
        error.show()
        code = error.exit_code
        _answer(arguments, error.format_message(), code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        code = FAILED
        _answer(arguments, "Stopped.", code)
    except SyncError as error:
        _explain(error, arguments)
        code = exit_code_of(error)
    except Exception as error:  # a bug: where it was, without the text, which may quote anything
        told = _of_a_file(error)
        if told is None:
            click.echo(frames(error), err=True)
            told = SyncError(f"Stopped by an unexpected error: {named(error)}.")
        _explain(told, arguments)
        code = exit_code_of(told)
    sys.exit(code if isinstance(code, int) else DONE)


def _refuse_other_bytes(arguments: Sequence[str]) -> None:
    """Refuse bytes of another code page: no name and no id of the store could be equal to them."""
    for number, argument in enumerate(arguments, 1):
        if any("\udc80" <= letter <= "\udcff" for letter in argument):
            raise ConfigError(
                "A word of the command is not UTF-8; a terminal with another code page types such. "
                "Set the terminal to UTF-8, or give the id or the number instead of the name.",
                word=number,
            )


def build() -> click.Group:
    """Put the built-in commands together."""
    group = _Grouped(
        name="people-sync",
        help="Keep the accounts of a benefit platform in step with an HR system.",
        epilog="Exit codes: 0 done, 2 usage or configuration, 3 held, 4 partly delivered, 1 failed. "
        f"Commands complete with TAB after: {COMPLETION} (zsh_source, fish_source too).",
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    click.version_option(package_name="people-transforms", message="people-sync %(version)s")(group)
    for command in chain.from_iterable(GROUPS.values()):
        group.add_command(command)
    return group


def exit_code_of(error: SyncError) -> int:
    """Tell which exit code an error stands for."""
    if isinstance(error, HeldError):
        return HELD
    return MISCONFIGURED if isinstance(error, ConfigError) else FAILED


def _of_a_file(error: Exception) -> SyncError | None:
    """Tell what a disk or a folder refused; None where that was not it."""
    if not isinstance(error, OSError):
        return None
    if error.errno in FULL:
        return StoreError("The disk is full: free some space and try again.", path=error.filename)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ConfigError(
            "This user may not read or write a file that this needs.",
            path=error.filename,
            reason=error.strerror,
        )
    return None


def _provided(entry: EntryPoint) -> click.Command:
    """Wrap a command of another package; it is imported only when it is called."""

    def call(arguments: tuple[str, ...]) -> None:
        entry.load().main(args=list(arguments), prog_name=f"people-sync {entry.name}")

    summary = entry.dist.metadata["Summary"] if entry.dist else None
    return click.Command(
        name=entry.name,
        callback=call,
        params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)],
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "help_option_names": []},
        short_help=summary,
    )


def _wants_json(arguments: Sequence[str]) -> bool:
    pairs = zip(arguments, arguments[1:], strict=False)
    return "--output=json" in arguments or ("--output", "json") in pairs


def _explain(error: SyncError, arguments: Sequence[str]) -> None:
    click.echo(printable(f"Error: {error}"), err=True)
    _answer(arguments, error.sentence, exit_code_of(error), error.facts)


def _answer(
    arguments: Sequence[str], sentence: str, code: int, facts: Mapping[str, object] = _NO_FACTS
) -> None:
    """Tell an error as JSON too, where JSON was asked for."""
    if _wants_json(arguments):
        known = {name: str(value) for name, value in facts.items() if value is not None}
        # Where that cannot be written, the sentence and the exit code have to do.
        with contextlib.suppress(SyncError):
            click.echo(as_json({"error": sentence, "facts": known, "exit_code": code}))


if __name__ == "__main__":
    from people_sync.streams import ready_streams

    ready_streams()
    main()
