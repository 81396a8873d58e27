"""Who comes while all places are being answered waits for one, and gets it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from people_sync.desk.web import sockets
from people_sync.desk.web.serving import listen, server_of
from starlette.types import Receive, Scope, Send

PATIENCE = 30.0
REQUEST = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
HALF = REQUEST[:-2]


@dataclass
class Shop:
    """An app that answers when it is told to, and the address it is served at."""

    address: tuple[str, int]
    loop: asyncio.AbstractEventLoop | None = None
    opened: threading.Event = field(default_factory=threading.Event)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            self.loop = asyncio.get_running_loop()
            await receive()
            self.opened.set()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        self.asked.release()
        await self.may_answer.wait()
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})

    def answer(self) -> None:
        assert self.loop is not None
        self.loop.call_soon_threadsafe(self.may_answer.set)

    def wait_until_asked(self, times: int) -> None:
        for _ in range(times):
            assert self.asked.acquire(timeout=PATIENCE), "a request was not begun"


@dataclass
class Street:
    shop: Shop
    held: contextlib.ExitStack

    def come(self, said: bytes = REQUEST) -> socket.socket:
        visitor = self.held.enter_context(socket.create_connection(self.shop.address, PATIENCE))
        with contextlib.suppress(ConnectionError):
            visitor.sendall(said)
        return visitor


@pytest.fixture
def street(monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    """Serve with two places and a line of three."""
    monkeypatch.setattr(sockets, "PLACES", 2)
    monkeypatch.setattr(sockets, "IN_LINE", 3)
    monkeypatch.setattr(sockets, "MOMENT_SECONDS", 0.2)
    with listen("127.0.0.1", 0) as taken, contextlib.ExitStack() as held:
        shop = Shop(taken.getsockname())
        server = server_of(shop)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        assert shop.opened.wait(PATIENCE), "the server did not start"
        yield Street(shop, held)
        shop.answer()
        server.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the server did not stop"


def answers(visitor: socket.socket) -> int:
    """Read until the server ends the connection and count its answers; a time-out fails."""
    got = b""
    with contextlib.suppress(ConnectionResetError):
        while part := visitor.recv(65536):
            got += part
    return got.count(b"HTTP/1.1 200")


def answered(visitor: socket.socket) -> bool:
    return visitor.recv(15).startswith(b"HTTP/1.1 200")


def test_who_comes_while_all_are_being_answered_is_answered_after_them(street: Street) -> None:
    first = [street.come() for _ in range(2)]
    street.shop.wait_until_asked(2)
    late = [street.come() for _ in range(3)]
    street.shop.answer()
    assert [answered(visitor) for visitor in [*first, *late]] == [True] * 5


def test_the_last_of_a_crowd_is_answered_and_the_first_in_line_gave_way(street: Street) -> None:
    busy = [street.come() for _ in range(2)]
    street.shop.wait_until_asked(2)
    crowd = [street.come(HALF) for _ in range(20)]
    last = street.come()
    assert answers(crowd[0]) == 0
    street.shop.answer()
    assert answered(last)
    assert all(answered(visitor) for visitor in busy)


def test_one_who_sends_many_requests_at_once_keeps_nobody_out(street: Street) -> None:
    greedy = [street.come(REQUEST * 50) for _ in range(2)]
    street.shop.wait_until_asked(2)
    late = street.come()
    with pytest.raises(TimeoutError):
        late.settimeout(0.3)
        late.recv(1)
    late.settimeout(PATIENCE)
    street.shop.answer()
    assert answered(late)
    assert min(answers(visitor) for visitor in greedy) == 1


def test_nobody_silent_keeps_a_visitor_out(street: Street) -> None:
    for _ in range(5):
        street.come(b"")
    street.shop.answer()
    assert answered(street.come())


def test_a_server_stops_while_some_stand_in_line(street: Street) -> None:
    for _ in range(2):
        street.come()
    street.shop.wait_until_asked(2)
    for _ in range(3):
        street.come()
