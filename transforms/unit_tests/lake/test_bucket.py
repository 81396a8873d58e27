"""The lake's files in a bucket of an S3-compatible server on this machine."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from people_transforms.store.warehouse import open_warehouse

from .conftest import Place

PROGRAM = shutil.which("moto_server")
NO_SERVER = "no S3 server here: `pip install 'moto[server]'` on the PATH ends this skip"
pytestmark = [pytest.mark.long, pytest.mark.skipif(PROGRAM is None, reason=NO_SERVER)]


@pytest.fixture
def server() -> Iterator[str]:
    """The address of a server with the bucket `people`."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [str(PROGRAM), "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            _make_bucket(f"{address}/people")
            yield address
        finally:
            running.terminate()


def _make_bucket(url: str) -> None:
    for _ in range(300):
        with contextlib.suppress(urllib.error.URLError):
            urllib.request.urlopen(urllib.request.Request(url, method="PUT")).close()
            return
        time.sleep(0.1)
    raise AssertionError("the S3 server did not start")


def objects(server: str) -> int:
    """How many files of the table are in the bucket."""
    listed = f"{server}/people?list-type=2&prefix=lake/sync/dead_letters/"
    with urllib.request.urlopen(listed) as answer:
        return int(answer.read().count(b"<Key>"))


def test_a_lake_in_a_bucket_is_written_read_and_rid_of_old_files(
    server: str, unmade_place: Place, tmp_path: Path
) -> None:
    paths = unmade_place(
        data_path="s3://people/lake",
        s3_key_id="key",
        s3_secret="secret",
        s3_endpoint=server,
        s3_region="eu-west-1",
    )
    with open_warehouse(paths) as run:
        run.connection.execute(
            "insert into sync.dead_letters (person_id) select 'p' || i from range(4) as n (i)"
        )
    with open_warehouse(paths) as run:
        assert run.lake is not None
        run.connection.execute("delete from sync.dead_letters where person_id = 'p1'")
        run.lake.push()
        assert objects(server) == 2
        assert run.lake.shed(dt.datetime.now(dt.UTC)) > 0
        assert objects(server) == 1
    with open_warehouse(paths) as run:
        rows = run.connection.execute(
            "select person_id from sync.dead_letters order by 1"
        ).fetchall()
    assert rows == [("p0",), ("p2",), ("p3",)]
    assert not (tmp_path / "lake").exists()
