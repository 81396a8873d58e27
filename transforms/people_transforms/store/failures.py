"""Say which file of a store failed and what is true of it: what is lost, and what brings it back.

Never to delete what remembers deliveries: the working file is moved away and kept. The published file is
a copy, and the next run writes it anew.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

import duckdb

from people_transforms.errors import ConfigError, StoreError

# What DuckDB's text has in it, by what it means; the first that fits.
_MEANINGS = {
    "full": (
        "No space left",
        # EFBIG: a limit on the size of files, which users have where quotas are kept that way.
        "File too large",
        "Disk quota exceeded",
        "max_temp_directory_size",
        "not enough",
        "Not enough",
    ),
    "forbidden": ("Permission denied", "Read-only file system", "Operation not permitted"),
    "locked": ("Conflicting lock",),
    "no_locks": ("Could not set lock",),
    "newer": ("we can only read version", "storage version greater", "Failed to read WAL of version"),
    "log": ("WAL file", "This WAL ", "Corrupt WAL", "WAL does not match"),
    "damaged": (
        "not a valid DuckDB database",
        "orrupt database file",
        "orrupt file",
        "Could not read enough bytes",
    ),
    "memory": ("memory",),
}  # fmt: skip
# Anything else that DuckDB raises is a mistake of ours in a statement, and no failure of a file.
_OF_A_FILE = (
    duckdb.IOException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.OutOfMemoryException,
    duckdb.SerializationException,
)
_WITHOUT_IT = (
    "Without it move its folder away, keep it, and run again ({move}): the accounts are read back from "
    "the platform, nobody is made twice and nobody is ended by absence that night. Lost is what only "
    "the file knew: approvals, history, counted absences, and who was erased."
)
_WORKING: Mapping[str, str] = {
    "locked": "The working file is open in another program. Close it there; analysts open the "
    "published file instead.",
    "newer": "The working file was written by a newer DuckDB than this one. Use the release that wrote "
    "it, or a later one.",
    "log": "The log beside the working file does not belong to it: one of them was restored or copied "
    f"alone. Put both back as they were at one moment. {_WITHOUT_IT}",
    "damaged": "The working file is damaged, so nothing was sent. Restore it from a backup made after "
    f"the last run. {_WITHOUT_IT}",
    "forbidden": "This user may not read and write the working file.",
    "memory": "The memory ran out. Nothing that was committed is lost; give the run more memory.",
    "other": "The working file could not be read or written. What was committed is in it, and nothing "
    "was sent after this point: run again, and if it stays, look at the disk.",
}
_PUBLISHED: Mapping[str, str] = {
    "locked": "The published file is open for writing in another program. Close it there, or open it "
    "read-only; the sync itself does not need it.",
    "newer": "The published file was written by a newer DuckDB than this one; the next run writes it "
    "anew.",
    "log": "A program that had the published file open for writing was ended and left its log beside "
    "it ({log}). Nothing of the sync is in that log: the next run removes it, and so may you.",
    "damaged": "The published file is damaged. It is a copy; the next run writes it anew.",
    "forbidden": "This user may not read the published file.",
    "memory": "The memory ran out; the files are as they were.",
    "other": "The published file could not be read or written. It is a copy; the next run writes it "
    "anew.",
}
DISK_FULL = "The disk is full. Nothing that was committed is lost; free some space and run again."
NO_LOCKS = (
    "The volume of the staging store has no locks, so two runs could not be kept apart. Set "
    "`warehouse.path` to a folder on a disk that has them."
)


def explained(error: duckdb.Error, file: Path, *, is_published: bool = False) -> Exception:
    """Turn DuckDB's failure with a file into a sentence; an error that is no failure of it stays."""
    meaning = _meaning(str(error))
    if not isinstance(error, _OF_A_FILE) and not _is_unwritten(error, meaning):
        return error
    if meaning == "full":
        return StoreError(DISK_FULL, store=file.parent)
    if meaning == "no_locks":
        return ConfigError(NO_LOCKS, store=file)
    folder = shlex.quote(str(file.parent))
    sentence = (_PUBLISHED if is_published else _WORKING)[meaning].format(
        move=f"mv {folder} {folder}.kept", log=f"{file}.wal"
    )
    of_settings = meaning in ("newer", "forbidden") and not is_published
    kind = ConfigError if of_settings else StoreError
    return kind(sentence, store=file, cause=type(error).__name__ if meaning == "other" else None)


def _is_unwritten(error: duckdb.Error, meaning: str) -> bool:
    """Tell a commit that the disk refused from one that the rows refused: DuckDB raises one kind for both."""
    return isinstance(error, duckdb.TransactionException) and meaning in ("full", "forbidden")


def _meaning(text: str) -> str:
    for meaning, parts in _MEANINGS.items():
        if any(part in text for part in parts):
            return meaning
    return "other"
