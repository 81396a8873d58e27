"""A list of the API, held back until it is whole, in little memory.

Of a list some thousand entries are in memory at a time: the rest waits in a file without a name.
"""

from __future__ import annotations

import re
import shutil
import threading
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from os import SEEK_END
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import orjson
from airbyte_cdk import AirbyteTracedException, FailureType
from people_connector.guard import config_error, parse_json

from source_alveno.fields import Row

PIECE_BYTES = 1 << 18
_BETWEEN_ENTRIES = re.compile(rb"\}(\s*,\s*)\{")


class Spool(SpooledTemporaryFile[bytes]):
    """Beyond 4 MB a file without a name, for this user only, gone with the last reference."""

    def __init__(self) -> None:
        super().__init__(4 << 20)

    def __del__(self) -> None:
        self.close()


@dataclass
class WholeList:
    """An answer, or all answers of one list. (The CDK's selector takes it for a response.)"""

    length: int = 0  # entries, readable or not: who lands the records must miss the others
    total_count: int | None = None  # only a page of the HR API says it
    keys: set[str] = field(default_factory=set)
    chips: dict[Any, list[str]] | None = None
    _id_hashes: array[int] = field(default_factory=lambda: array("q"))
    _sizes: list[int] = field(default_factory=list)
    _file: Spool = field(default_factory=Spool)

    def add(self, body: IO[bytes], key: str | None) -> None:
        """Take over the entries of an answer. Raises ValueError, in words that quote none of it."""
        try:
            for entries, piece in self._pieces_of(body):
                rows = [entry for entry in entries if type(entry) is dict]
                self.keys.update(*rows)
                self.length += len(entries)
                ids = [row.get(key) for row in rows]
                self._id_hashes.extend([hash(str(one)) for one in ids if one is not None])
                self._sizes.append(self._file.write(piece))
            if self.length and not self.keys:
                raise ValueError("no record in it")
        except (ValueError, RecursionError):
            size = body.seek(0, SEEK_END)
            body.seek(0)
            is_page = body.read(64).lstrip()[:1] == b"<"
            what = "an HTML or XML page" if is_page else f"{size} bytes that are no list of records"
            raise ValueError(what) from None

    def _pieces_of(self, body: IO[bytes]) -> Iterator[tuple[list[Any], bytes]]:
        start = body.read(PIECE_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
        if start[:1] == b"[":
            return _split(start[1:], body)
        content = parse_json(start + body.read())
        # d: the wrapper of ASP.NET services
        items = content.get("items", content.get("d")) if isinstance(content, dict) else None
        if not isinstance(items, list):
            raise ValueError("no list in it")
        total = content.get("totalCount")
        self.total_count = int(total) if str(total).isdecimal() else None
        return iter([(items, orjson.dumps(items))])

    def merge(self, page: WholeList) -> None:
        self.length += page.length
        self.total_count = page.total_count
        if page._id_hashes and page._id_hashes == self._id_hashes[-len(page._id_hashes) :]:
            page.total_count = 0  # the page before it once more, and for ever: none is asked for
        self.keys |= page.keys
        self._id_hashes += page._id_hashes
        self._sizes += page._sizes
        page._file.seek(0)
        shutil.copyfileobj(page._file, self._file)

    def count_ids(self) -> int:
        """Count the different ids, in as many passes as keep the set small."""
        passes = 1 + len(self._id_hashes) // 200_000
        return sum(len({h for h in self._id_hashes if h % passes == n}) for n in range(passes))

    def chunks(self) -> Iterator[list[Row]]:
        self._file.seek(0)
        for size in self._sizes:
            yield [one for one in parse_json(self._file.read(size)) if type(one) is dict]


def _split(rest: bytes, body: IO[bytes]) -> Iterator[tuple[list[Any], bytes]]:
    """Yield the entries of an array, some at a time, and as which array they were read.

    A cut is right if and only if what lies before it is a list: inside a text or a nested object
    something would still be open. After a wrong cut, or none, the piece is made twice as long.
    """
    size = PIECE_BYTES
    while more := body.read(size):
        rest += more
        cut = _BETWEEN_ENTRIES.search(rest, size)
        piece = b"[%b]" % rest[: cut.start() + 1] if cut else b""
        try:
            entries = parse_json(piece)
        except (ValueError, RecursionError):
            size *= 2
        else:
            yield entries, piece
            rest, size = rest[cut.end() - 1 :], PIECE_BYTES
    yield parse_json(b"[%b" % rest), b"[%b" % rest


class Account:
    """All lists of one read: fetched and proven, every one, before a record of any is let out.

    If a setting is wrong for one, nothing of any is: half an account would look like people without
    employments. If the API only failed for now, the other lists go on.
    """

    def __init__(self) -> None:
        self.selected: frozenset[str] = frozenset()
        self.is_unreachable = False
        self.fetch: dict[str, Callable[[], WholeList]] = {}
        self._wrong: list[str] = []
        self._results: dict[str, WholeList | AirbyteTracedException] = {}
        self._lock = threading.Lock()

    def whole_list(self, name: str) -> WholeList:
        """The list, once all selected ones were asked for. It is kept for this one caller."""
        with self._lock:
            if name not in self._results:
                self.is_unreachable, self._wrong = False, []
                asked = sorted({name} | self.selected & self.fetch.keys())
                self._results = {one: self._attempt(one) for one in asked}
            result = self._results.pop(name)
        if isinstance(result, AirbyteTracedException):
            raise result
        if self._wrong:
            raise config_error(f"Nothing is sent on, because of {', '.join(self._wrong)}.")
        return result

    def _attempt(self, name: str) -> WholeList | AirbyteTracedException:
        try:
            return self.fetch[name]()
        except AirbyteTracedException as error:
            if error.failure_type is FailureType.config_error:
                self._wrong.append(name)
            return error
        except Exception as error:  # its kind only: its text may quote a record
            kind = type(error).__name__
            text = f"The source failed unexpectedly ({kind}). Check api_url, or report it."
            return AirbyteTracedException(kind, text, FailureType.system_error)


_ACCOUNTS: dict[int, tuple[Mapping[str, Any], Account]] = {}


def account_of(config: Mapping[str, Any]) -> Account:
    """The one account of a configuration: the object is all that the CDK's components share."""
    while len(_ACCOUNTS) > 8:  # a process that reads many accounts must not keep them all
        del _ACCOUNTS[next(iter(_ACCOUNTS))]
    return _ACCOUNTS.setdefault(id(config), (config, Account()))[1]
