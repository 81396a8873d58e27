"""The errors of a read, grouped by what has to happen next.

AirbyteTracedException
├── ConfigError      somebody must change a setting or a right; waiting does not help
├── TransientError   the API did not answer properly; the same read may work later
└── RefusedError     the API refused the request for a reason we have no words for
"""

from __future__ import annotations

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException


class ConfigError(AirbyteTracedException):
    """A setting, a token or a right is wrong."""

    def __init__(self, text: str) -> None:
        super().__init__(text, message=text, failure_type=FailureType.config_error)


class TransientError(AirbyteTracedException):
    """The API was asked several times and gave no usable answer."""

    def __init__(self, text: str) -> None:
        super().__init__(text, message=text, failure_type=FailureType.transient_error)


class RefusedError(AirbyteTracedException):
    """The API refused the request, and neither a setting nor waiting is known to help."""

    def __init__(self, text: str) -> None:
        super().__init__(text, message=text, failure_type=FailureType.system_error)
