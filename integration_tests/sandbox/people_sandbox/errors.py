"""Errors of the sandbox's own control side; the vendors' refusals are HTTP answers, not errors.

SandboxError
├── WrongRequestError    a control request that cannot be carried out (answered with 400)
└── UnknownRecordError   a record or collection that is not there (answered with 404)
"""

from __future__ import annotations


class SandboxError(Exception):
    """Base of everything the control side raises."""


class WrongRequestError(SandboxError):
    """The control request is not understood; the text says what to send instead."""


class UnknownRecordError(SandboxError):
    """No such collection or record in this world."""
