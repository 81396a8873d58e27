"""Open the desk over its connections, and build its server."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import uvicorn
from people_transforms.errors import ConfigError, SyncError

from people_sync.desk.app import build_app
from people_sync.desk.links import make_integration_link
from people_sync.desk.office import Office
from people_sync.desk.pages import load_texts
from people_sync.desk.records import Records, records_file
from people_sync.desk.served import find_connections
from people_sync.desk.staff import Staff
from people_sync.desk.web.cookies import Cookies
from people_sync.desk.web.peers import PeerNoted
from people_sync.desk.web.serving import behind, server_of
from people_sync.mail.alarms import Mail
from people_sync.mail.one_letter import send_text

logger = logging.getLogger(__name__)


def open_office(
    where: Sequence[Path],
    staff: Staff,
    records: Path,
    base_url: str,
    say: Callable[[str], None],
    *,
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    trust_header: str | None = None,
    proxies: Sequence[str] = (),
) -> Office:
    """Open a desk over connections. `say` prints a link where there is no mail server."""
    return Office(
        connections=find_connections(where, records / "lake"),
        staff=staff,
        records=Records(records_file(records)),
        base_url=base_url.rstrip("/"),
        clock=clock,
        cookies=Cookies(base_url),
        tell_link=_link_teller(staff, say),
        trust_header=trust_header,
        proxies=tuple(proxies),
    )


def strangers(office: Office) -> list[str]:
    """Name the connections that HR is listed for and that are none of the served ones."""
    listed = {name for one in office.staff.people() for name in one.connection}
    return sorted(name for name in listed if office.connections.find(name) is None)


def build_server(office: Office) -> uvicorn.Server:
    """Build the server; the connection's own peer is known beside what a proxy says."""
    return server_of(PeerNoted(behind(build_app(office), office.proxies)))


def link_for_customer(office: Office, name: str, who: str, lasts: dt.timedelta) -> str:
    """Make the integration link of a connection. It ends the links before it, and their sessions."""
    served = office.connections.find(name)
    if served is None:
        raise ConfigError("There is no such connection.", name=name)
    token = make_integration_link(office.records, served, who, office.clock(), lasts)
    return f"{office.base_url}/link/{token}"


def _link_teller(staff: Staff, say: Callable[[str], None]) -> Callable[[str, str, str], None]:
    def tell(address: str, link: str, language: str) -> None:
        server = staff.mail
        if server is None:
            say(f"Sign-in link for {address}, valid once and for 15 minutes:\n  {link}")
            return
        texts = load_texts(language)["mail"]
        mail = Mail.model_validate({**server.model_dump(by_alias=True), "to": [address]})
        try:
            send_text(
                mail, address, texts["subject"], texts["text"].format(link=link), staff.folder
            )
        except SyncError as error:
            logger.warning("A sign-in link could not be mailed: %s", error)

    return tell
