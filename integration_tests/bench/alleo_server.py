"""An Alleo that answers at once with what it was sent: the server of the benchmarks that deliver.

Run as a process of its own, so that its work is not counted; it prints its port.

    python alleo_server.py COMPANIES [ACCOUNTS_FILE]

ACCOUNTS_FILE has one line per account: the company id, a tab, the account as JSON.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from collections import defaultdict
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

FIRST_COMPANY = 500
_ROOM = (
    b"X-RateLimit-Limit: 10000000\r\nX-RateLimit-Remaining: 9999999\r\nX-RateLimit-Reset: 60\r\n"
)
_CREATED = {
    "is_active": True, "group_name": None, "registration_date": "2026-03-02T01:00:00Z",
    "offboarding_date": None, "last_active_date": None,
}  # fmt: skip


class Alleo:
    """The accounts of each company, rendered once, and the number of writes received."""

    def __init__(self, companies: int, accounts: Path | None) -> None:
        ids = range(FIRST_COMPANY, FIRST_COMPANY + companies)
        self._companies = (
            "[" + ",".join(f'{{"id":{i},"name":"C{i}"}}' for i in ids) + "]"
        ).encode()
        self._accounts: dict[str, list[bytes]] = defaultdict(list)
        if accounts:
            for line in accounts.read_bytes().splitlines():
                company, _, row = line.partition(b"\t")
                self._accounts[company.decode()].append(row)
        self._numbers = itertools.count(1)
        self.writes = 0

    def answer(self, method: str, target: str, sent: bytes) -> bytes:
        url = urlsplit(target)
        parts = url.path.strip("/").split("/")
        if parts == ["oauth", "token"]:
            return b'{"access_token":"bench","token_type":"Bearer","expires_in":36000}'
        if parts == ["writes"]:
            return b"%d" % self.writes
        if parts == ["companies"]:
            return self._companies
        if method != "GET":
            self.writes += 1
            return json.dumps(json.loads(sent) | _CREATED | {"id": next(self._numbers)}).encode()
        if parts[-1] == "groups":
            return b"[]"
        return self._page(parts[1], parse_qs(url.query))

    def _page(self, company: str, query: dict[str, list[str]]) -> bytes:
        if query.get("is_active") == ["false"]:
            return b'{"data":[],"count":0}'
        rows = self._accounts[company]
        skip, limit = (int(query.get(name, ["0"])[0]) for name in ("skip", "limit"))
        page = b",".join(rows[skip : skip + limit])
        return b'{"data":[%b],"count":%d}' % (page, len(rows))


class Connection(asyncio.Protocol):
    """Just enough HTTP/1.1: a head, a body of the stated length, an answer at once."""

    def __init__(self, alleo: Alleo) -> None:
        self._alleo = alleo
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, rest = self._received.partition(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            lengths = [line[15:] for line in lines if line.startswith(b"content-length:")]
            length = int(lengths[0]) if lengths else 0
            if len(rest) < length:
                return
            self._received = rest[length:]
            method, target, _ = head.decode("latin-1").split(" ", 2)
            body = self._alleo.answer(method, target, rest[:length])
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                + _ROOM
                + b"Content-Length: %d\r\n\r\n" % len(body)
                + body
            )


async def serve(companies: int, accounts: Path | None) -> None:
    alleo = Alleo(companies, accounts)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(alleo), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None))
