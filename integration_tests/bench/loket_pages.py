"""A Loket that only serves one long list of employees, from bytes: the server of the benchmark.

Run as a process of its own, so that its work is not counted; it prints its port.
"""

from __future__ import annotations

import asyncio
import json
import sys
from urllib.parse import parse_qs, urlsplit

EMPLOYER_ID = "b14acd0d-75d7-4fc8-8b22-4a3924585cab"
_PAGE_SIZE = 250
_PAGE_MARK = b"PAGEPAGE"


def employee(number: int) -> dict[str, object]:
    """One employee with every documented field, about 1.6 kB; the id gets its page when served."""
    return {
        "id": f"{_PAGE_MARK.decode()}-{number:04x}-4b2a-9c3d-0a1b2c3d4e5f",
        "employeeNumber": 1000 + number,
        "personalDetails": {
            "firstName": "Susan",
            "lastName": f"Bergen {number}",
            "prefix": "van",
            "initials": "S.L.",
            "lastNamePartner": "Wiel",
            "prefixPartner": "van de",
            "formattedName": f"Wiel - van Bergen {number} S.L. van de",
            "dateOfBirth": "1980-01-01",
            "placeOfBirth": "Amsterdam",
            "dateOfDeath": None,
            "aowDate": "2047-04-01",
            "photo": "https://api.loket.nl/v2/providers/employers/employees/photo/1",
            "howToFormatLastName": {"key": 2, "value": "last name + last name partner"},
            "title": None,
            "nationality": {"key": 143, "value": "Nederlandse"},
            "gender": {"key": 2, "value": "Vrouw"},
            "civilStatus": {"key": 2, "value": "Gehuwd"},
        },
        "contactInformation": {
            "phoneNumber": "+31 13-1234567",
            "mobilePhoneNumber": "+31 6-1231456",
            "faxNumber": None,
            "emailAddress": f"susan{number}@example.nl",
            "businessPhoneNumber": None,
            "businessMobilePhoneNumber": None,
            "businessEmailAddress": f"s.vanbergen{number}@voorbeeldbv.nl",
        },
        "identityDocument": {
            "typeOfDocument": {"key": 2, "value": "Passport"},
            "documentIdentification": "CRE45553433",
        },
        "travel": {"travelDistanceToWork": 32},
        "address": {
            "street": "Voordijk",
            "city": "Leiden",
            "houseNumber": 12,
            "houseNumberAddition": "D",
            "furtherIndication": None,
            "postalCode": "1234 AA",
            "location": None,
            "country": {"isoCode": "NL", "key": 530, "value": "Nederland"},
        },
        "deviatingPostalAddress": None,
        "exclusionFromAbsenceStatus": False,
        "statusEmployeeSelfService": {"key": 2, "value": "Blocked"},
        "revokeEmployeeSelfServiceAccessOn": None,
    }


class Pages:
    """The bodies, rendered once; only the page number within the ids differs per page."""

    def __init__(self, size: int) -> None:
        self._size = size
        rows = [
            json.dumps(employee(number), separators=(",", ":")).encode()
            for number in range(_PAGE_SIZE)
        ]
        self._page = b",".join(rows)
        self._last = b",".join(rows[: size % _PAGE_SIZE or _PAGE_SIZE])
        self._pages = -(-size // _PAGE_SIZE)

    def employees(self, number: int) -> bytes:
        rows = self._last if number == self._pages else self._page
        return _envelope(
            rows.replace(_PAGE_MARK, b"%08x" % number), self._size, number, self._pages
        )


def _envelope(rows: bytes, total: int, number: int, pages: int) -> bytes:
    head = (
        f'{{"totalSize":{total},"pageSize":{_PAGE_SIZE},"totalPages":{pages},'
        f'"currentPage":{number},"version":{{"obsoleteDate":null,'
        '"resourceVersion":"2021-03-29"},"messages":[],"_embedded":['
    )
    return head.encode() + rows + b"]}"


class Connection(asyncio.Protocol):
    """Just enough HTTP/1.1 for one client that sends GETs and short POSTs."""

    pages: Pages

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, rest = self._received.partition(b"\r\n\r\n")
            length = next(
                (
                    int(line.split(b":")[1])
                    for line in head.lower().split(b"\r\n")
                    if line.startswith(b"content-length:")
                ),
                0,
            )
            if len(rest) < length:
                return
            self._received = rest[length:]
            body = self._answer(head.split(b" ", 2)[1].decode())
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body) + body
            )

    def _answer(self, target: str) -> bytes:
        url = urlsplit(target)
        if url.path.endswith("/token"):
            return b'{"access_token":"bench","refresh_token":"bench","expires_in":3599}'
        if url.path.endswith("/employees"):
            return self.pages.employees(int(parse_qs(url.query)["pageNumber"][0]))
        employer = json.dumps({"id": EMPLOYER_ID, "companyName": "Voorbeeld B.V."})
        return _envelope(employer.encode(), 1, 1, 1)


async def _serve(size: int) -> None:
    Connection.pages = Pages(size)
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
