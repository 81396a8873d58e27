from __future__ import annotations

from pathlib import Path

from people_sandbox.contracts.package import PackageContract


class TestAsEveryPackage(PackageContract):
    FOLDER = Path(__file__).parents[1]
    NEEDS = ("connector",)
    SETTING = "credentials"
