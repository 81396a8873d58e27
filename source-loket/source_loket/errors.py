"""What can go wrong while reading Loket, grouped by what to do next.

    AirbyteTracedException   the stream (or the check) fails with this text
    ├── config_error         credentials, rights or settings: a person must act, repeating is useless
    └── transient_error      Loket could not answer whole now: run again
    Refusal                  Loket answered 400, 403 or 404: the caller knows what that means
    BrokenBody               a 200 that is no Loket answer: repeated, then transient_error
    ListChanged              a list did not add up: read again once, then transient_error

Texts never quote people's data: only what Loket's own error answers say, without e-mail addresses.
"""

from __future__ import annotations

import re

import orjson
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

_QUOTE_LENGTH = 300
_EMAIL = re.compile(r"\S+@\S+")


class Refusal(Exception):
    """Loket refused one request for a reason that repeating does not change."""

    def __init__(self, status: int, said: str) -> None:
        self.status = status
        self.said = said
        super().__init__(f"Loket answered {status}: {said}")


class BrokenBody(Exception):
    """The body of a 200 answer is cut off, HTML, or not the envelope Loket documents."""


class ListChanged(Exception):
    """The pages of a list do not add up to the list that Loket says it is."""


def config_error(sentence: str) -> AirbyteTracedException:
    return AirbyteTracedException(
        message=sentence, internal_message=sentence, failure_type=FailureType.config_error
    )


def transient_error(sentence: str) -> AirbyteTracedException:
    return AirbyteTracedException(
        message=sentence, internal_message=sentence, failure_type=FailureType.transient_error
    )


def missing_right(
    stream: str, activity: str, employer_id: str | None, refusal: Refusal
) -> AirbyteTracedException:
    """Say which right to ask Loket for, or which employer is no longer there."""
    where = f"employer {employer_id}" if employer_id else "this user"
    if refusal.status == 403:
        todo = (
            f"ask Loket to link the client to the activity {activity}, and give the Loket user "
            "the right that covers it"
        )
    elif refusal.status == 404:
        todo = f"check that the Loket user still has access to it and to the activity {activity}"
    else:
        todo = f"report this request ({activity}) to the maintainers of source-loket"
    return config_error(
        f"{stream} of {where} cannot be read: {todo}. Loket answered {refusal.status}: {refusal.said}"
    )


def quote_answer(body: bytes) -> str:
    """Quote what an error answer of Loket says, in one short line."""
    try:
        said = _said(orjson.loads(body))
    except orjson.JSONDecodeError:
        said = body.decode("utf-8", "replace")
        if said.lstrip().startswith("<"):
            said = "(a page of HTML)"
    said = _EMAIL.sub("(e-mail address)", " ".join(said.split()))
    return said[:_QUOTE_LENGTH] or "(no text)"


def _said(answer: object) -> str:
    if not isinstance(answer, dict):
        return "(no text)"
    messages = answer.get("messages")
    if isinstance(messages, list) and messages:
        return "; ".join(str(m.get("description")) for m in messages if isinstance(m, dict))
    return str(answer.get("message") or answer.get("error") or "(no text)")
