"""A store in a container's own layer or in a pod's scratch volume is noticed; a real volume is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from people_transforms.store.lasting import goes_away

POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}
# As Kubernetes mounts them: the image's layers, a volume of its own kind for /dest, a claim, memory.
MOUNTS = """\
1 0 0:40 / / rw - overlay overlay rw,lowerdir=/x
2 1 8:1 /var/lib/kubelet/pods/1f/volumes/kubernetes.io~empty-dir/dest /dest rw - ext4 /dev/sda1 rw
3 1 8:2 / /local rw,relatime - xfs /dev/sdb rw
4 1 0:50 / /local/cache rw - tmpfs tmpfs rw
5 1 8:3 / /with\\040blank rw - nfs4 files:/x rw
6 1 8:4 / /twice rw - xfs /dev/sdc rw
7 1 0:51 / /twice rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("/data/.people-sync/alleo", True),
        ("/dest/.people-sync/alleo", True),
        ("/local/people/alleo", False),
        ("/localized/alleo", True),
        ("/local/cache/alleo", True),
        ("/with blank/alleo", False),
        ("/twice/alleo", True),
    ],
)
def test_where_a_folder_is_mounted_tells_if_it_stays(folder: str, expected: bool) -> None:
    assert goes_away(Path(folder), MOUNTS, POD) is expected


def test_outside_of_a_container_and_where_nothing_is_known_a_folder_stays() -> None:
    assert goes_away(Path("/data"), MOUNTS, {}) is False
    assert goes_away(Path("/data"), "", POD) is False
    assert goes_away(Path("/data"), MOUNTS, {"AIRBYTE_ENTRYPOINT": "destination-alleo"}) is True
