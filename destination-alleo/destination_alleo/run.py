"""Start the connector from `main.py` or its console script."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from people_transforms.command import launch

from destination_alleo.platform import Alleo

if TYPE_CHECKING:
    from destination_alleo.destination import DestinationAlleo


def run() -> None:
    """Run the command that the arguments name."""
    launch(Alleo(), sys.argv[1:], _destination)


def _destination() -> DestinationAlleo:
    """Import the CDK, which takes a second, only where it is needed."""
    from destination_alleo.destination import DestinationAlleo

    return DestinationAlleo()
