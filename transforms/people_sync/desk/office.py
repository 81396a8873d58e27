"""What all pages of one desk share: its connections, its people, its records and its clock."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field

from people_sync.desk.fleet import Fleet
from people_sync.desk.pages import Pages
from people_sync.desk.records import Records
from people_sync.desk.runs import Runs
from people_sync.desk.served import Connections
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

    def is_proxy(self, peer: str) -> bool:
        """Tell whether a peer is one of the named proxies; without any, one of this machine."""
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        if not self.proxies:
            return is_loopback(peer)
        return any(address in ipaddress.ip_network(one) for one in self.proxies)
