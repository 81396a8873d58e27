"""What a destination's client promises, whatever its vendor answers; `scripted.py` is the vendor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from people_transforms.errors import AmbiguousError, RetryableError

from people_sandbox.contracts.scripted import Reply, ScriptedServer

Make = Callable[..., Any]


class ClientContract:
    """Inherit it where a fixture `make` builds the client of the scripted `server`.

    A subclass gives the routes of three calls and the bodies of good answers.
    """

    PLACES: ClassVar[str]
    LIST: ClassVar[str]
    CREATE: ClassVar[str]
    places: ClassVar[Any]
    # Answers that are no account and no list at this vendor.
    unreadable: ClassVar[tuple[Any, ...]] = ()
    NOWHERE: ClassVar[str] = "http://127.0.0.1:9/v1"

    def create(self, vendor: Any) -> Any:
        """Make the call CREATE."""
        raise NotImplementedError

    def read(self, vendor: Any) -> list[Any]:
        """Read the whole list LIST."""
        raise NotImplementedError

    def row(self, number: int) -> dict[str, Any]:
        """An account as the vendor answers it."""
        raise NotImplementedError

    def page(self, rows: list[dict[str, Any]], count: int) -> Any:
        """A page of a list that says how many it has in all."""
        raise NotImplementedError

    def after_the_last(self) -> list[Reply]:
        """What the vendor is asked for after the last page."""
        return []

    def _pages(self, count: int, *parts: range) -> list[Reply]:
        return [Reply(200, self.page([self.row(n) for n in part], count)) for part in parts]

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_a_failing_server_may_have_done_the_write_but_not_the_read(
        self, server: ScriptedServer, make: Make, status: int
    ) -> None:
        vendor = make()
        server.script(self.CREATE, Reply(status, "<html>oops</html>", {"Retry-After": "3"}))
        server.script(self.PLACES, Reply(status, "<html>oops</html>"))
        with pytest.raises(AmbiguousError) as lost:
            self.create(vendor)
        assert lost.value.retry_after == 3
        with pytest.raises(RetryableError) as failed:
            vendor.places()
        assert type(failed.value) is RetryableError

    @pytest.mark.parametrize(
        ("headers", "wait"),
        [
            ({"Retry-After": "7.5"}, 7.5),
            ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
            ({"Retry-After": "soon"}, None),
            ({"Retry-After": "nan"}, None),
            ({"Retry-After": "inf"}, None),
            ({}, None),
        ],
    )
    def test_too_many_requests_did_nothing_and_says_how_long_to_wait(
        self, server: ScriptedServer, make: Make, headers: dict[str, str], wait: float | None
    ) -> None:
        server.script(self.CREATE, Reply(429, {"detail": "slow down"}, headers))
        with pytest.raises(RetryableError) as refused:
            self.create(make())
        assert type(refused.value) is RetryableError
        assert refused.value.retry_after == wait
        assert len(server.writes()) == 1

    @pytest.mark.parametrize("fault", ["half", "reset", "silence"])
    def test_a_lost_answer_is_ambiguous_for_a_write_only(
        self, server: ScriptedServer, make: Make, fault: str
    ) -> None:
        vendor = make(timeout=0.3 if fault == "silence" else 30.0)
        server.script(self.PLACES, Reply(200, self.places, fault=fault))
        server.script(self.CREATE, Reply(201, self.row(7), fault=fault))
        with pytest.raises(RetryableError) as failed:
            vendor.places()
        assert type(failed.value) is RetryableError
        with pytest.raises(AmbiguousError):
            self.create(vendor)
        assert len(server.writes()) == 1

    def test_a_success_that_cannot_be_read_is_no_success(
        self, server: ScriptedServer, make: Make
    ) -> None:
        vendor = make()
        for body in ("<html>", None, [1], {"detail": "?"}, {"id": None}, *self.unreadable):
            server.script(self.CREATE, Reply(200, body))
            server.script(self.LIST, Reply(200, body))
            with pytest.raises(AmbiguousError):
                self.create(vendor)
            with pytest.raises(RetryableError) as failed:
                self.read(vendor)
            assert type(failed.value) is RetryableError, body

    def test_a_server_that_is_not_there_did_nothing(self, make: Make) -> None:
        with pytest.raises(RetryableError) as failed:
            self.create(make(api_url=self.NOWHERE))
        assert type(failed.value) is RetryableError

    def test_a_repeated_page_makes_the_list_read_again(
        self, server: ScriptedServer, make: Make
    ) -> None:
        first, second = self._pages(200, range(100), range(100, 200))
        server.script(self.LIST, first, first, first, second, *self.after_the_last())
        assert len(self.read(make())) == 200

    def test_a_list_that_never_adds_up_is_no_list(self, server: ScriptedServer, make: Make) -> None:
        server.script(self.LIST, *self._pages(4, range(3), range(0)))
        with pytest.raises(RetryableError, match="add up"):
            self.read(make())

    @pytest.mark.parametrize("status", [429, 503])
    def test_a_repeated_call_goes_on_from_the_page_that_failed(
        self, server: ScriptedServer, make: Make, status: int
    ) -> None:
        first, second = self._pages(150, range(100), range(100, 150))
        server.script(self.LIST, first, Reply(status, ""), second, *self.after_the_last())
        vendor = make()
        with pytest.raises(RetryableError):
            self.read(vendor)
        assert len(self.read(vendor)) == 150
        asked = [one.query for one in server.seen if f"{one.method} {one.path}" == self.LIST]
        assert asked[1] == asked[2] != asked[0]
