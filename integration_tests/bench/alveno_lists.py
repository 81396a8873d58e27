"""An Alveno that only serves its lists, from bytes: the server of the benchmark.

Run as a process of its own, so that its work is not counted; it prints its port.
"""

from __future__ import annotations

import random
import sys
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zoneinfo import ZoneInfo

import orjson

_PRAGUE = ZoneInfo("Europe/Prague")
_FIRST_NAMES = ("Jiří", "Jana", "Petr", "Eva", "Ľubica", "Tomáš")
_LAST_NAMES = ("Dvořák", "Nováková", "Svoboda", "Horáček", "Bartoš", "Kučerová")


def employees(size: int, chance: random.Random) -> list[dict[str, object]]:
    return [
        {
            "EmployeeID": 101 + number,
            "PersonalID": f"{number:06d}",
            "Firstname": chance.choice(_FIRST_NAMES),
            "Lastname": chance.choice(_LAST_NAMES),
            "Email": f"person{number}@example.cz" if number % 3 else None,
            "Note": f"LDID: {32567 + number % 3}",
            "ChipNumber": f"{number:08X}",
        }
        for number in range(size)
    ]


def workloads(size: int, chance: random.Random) -> list[dict[str, object]]:
    """1.3 a person, as in the sandbox; a quarter has an end."""
    return [
        {
            "WorkloadID": 9001 + number,
            "EmployeeID": 101 + number % size,
            "OperationID": 7 + number % 3,
            "JobTitle": chance.choice(("", "Řidič", "Účetní")),
            "ContractType": chance.choice(("HPP", "DPP", "DPČ", "")),
            "DateFrom": wcf_date(chance),
            "DateTo": None if number % 4 else wcf_date(chance),
        }
        for number in range(size * 13 // 10)
    ]


def wcf_date(chance: random.Random) -> str:
    day = date(1990, 1, 1) + timedelta(days=chance.randrange(36 * 365))
    midnight = datetime(day.year, day.month, day.day, tzinfo=_PRAGUE)
    return f"/Date({int(midnight.timestamp()) * 1000}{midnight:%z})/"


def serve(size: int) -> None:
    chance = random.Random(7)
    bodies = {
        "/employees": orjson.dumps(employees(size, chance)),
        "/workloads": orjson.dumps(workloads(size, chance)),
    }
    bodies = {path: body.replace(b"/", b"\\/") for path, body in bodies.items()}

    class Lists(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = bodies[self.path]
            self.send_response(200)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Lists)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
