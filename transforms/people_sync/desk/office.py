"""What all pages of one desk share: its connections, its people, its records and its clock."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field

from people_sync.desk.onboarding.connection import Onboarding, knows, open_onboarding
from people_sync.desk.overview import Fleet
from people_sync.desk.pages import Pages
from people_sync.desk.records import Records
from people_sync.desk.runs import Runs
from people_sync.desk.served import Connections, Served
from people_sync.desk.staff import Staff
from people_sync.desk.web.addresses import is_loopback
from people_sync.desk.web.cookies import Cookies
from people_sync.desk.web.limits import Limits


@dataclass(slots=True)
class Office:
    """One desk. `trust_header` names the header in which a proxy says who signed in, if it does."""

    connections: Connections
    staff: Staff
    records: Records
    base_url: str
    clock: Callable[[], dt.datetime]
    cookies: Cookies
    tell_link: Callable[[str, str, str], None]
    pages: Pages = field(default_factory=Pages)
    limits: Limits = field(default_factory=Limits)
    fleet: Fleet = field(default_factory=Fleet)
    runs: Runs = field(default_factory=Runs)
    trust_header: str | None = None
    proxies: tuple[str, ...] = ()
    # Wakes who tells the news and writes decisions, so that nobody waits for the next round.
    wake: Callable[[], None] = lambda: None
    _onboardings: dict[str, Onboarding] = field(default_factory=dict)

    def onboarding(self, served: Served) -> Onboarding | None:
        """Give the onboarding of a connection, where its files are here and its ends are known."""
        if served.file is None or not knows(served.file):
            return None
        # Two visitors at once make it once: what a dry run is doing must be seen by both.
        return self._onboardings.get(served.name) or self._onboardings.setdefault(
            served.name, open_onboarding(served.file, self.base_url, self.clock)
        )

    @property
    def can_sign_in(self) -> bool:
        """Tell whether anybody may sign in here by asking for a link."""
        return not self.trust_header and bool(self.staff.people())

    def stop(self) -> None:
        """End what may not go on without this desk."""
        for onboarding in self._onboardings.values():
            onboarding.dry_run.stop()

    def is_proxy(self, peer: str) -> bool:
        """Tell whether a peer is one of the named proxies; without any, one of this machine."""
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        if not self.proxies:
            return is_loopback(peer)
        return any(address in ipaddress.ip_network(one) for one in self.proxies)
