"""Messages as Airbyte's replication worker writes them: parsed into the protocol's classes and out again.

The order of the keys is that of the protocol's definitions, nothing in them is null, and a key that
the protocol does not know comes last. What is inside a record or a state is passed on as it is.
"""

from __future__ import annotations

import json
from typing import Any

Message = dict[str, Any]
Shape = dict[str, Any]

# A key without a shape of its own is written as it came.
_DESCRIPTOR: Shape = {"name": None, "namespace": None}
_STREAM_STATE: Shape = {"stream_descriptor": _DESCRIPTOR, "stream_state": None}
_STATE: Shape = {
    "type": None,
    "stream": _STREAM_STATE,
    "global": {"shared_state": None, "stream_states": [_STREAM_STATE]},
    "data": None,
    "sourceStats": {"recordCount": None},
    "destinationStats": {"recordCount": None, "rejectedRecordCount": None},
}
_RECORD: Shape = {
    "namespace": None,
    "stream": None,
    "data": None,
    "emitted_at": None,
    "meta": None,
    "file_reference": None,
}
_STATUS: Shape = {"stream_descriptor": _DESCRIPTOR, "status": None, "reasons": None}
_TRACE: Shape = {"type": None, "emitted_at": None, "error": None, "stream_status": _STATUS}
_MESSAGE: Shape = {"type": None, "record": _RECORD, "state": _STATE, "trace": _TRACE}


def parsed(line: bytes) -> Message | None:
    """Read one line of a connector; None where it is no message (the platform logs it then)."""
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) and isinstance(message.get("type"), str) else None


def serialized(message: Message) -> bytes:
    """Write one line, without its end, as the worker would."""
    return _dumped(_shaped(message, _MESSAGE))


def complete(name: str, namespace: str | None, emitted_at: int) -> bytes:
    """Write the status that the worker makes up for a stream; its time is a Java double."""
    descriptor = {"name": name} | ({"namespace": namespace} if namespace else {})
    status = {"stream_descriptor": descriptor, "status": "COMPLETE"}
    digits = str(emitted_at)
    moment = f"{digits[0]}.{digits[1:].rstrip('0') or '0'}E{len(digits) - 1}"
    head = f'{{"type":"TRACE","trace":{{"type":"STREAM_STATUS","emitted_at":{moment},'
    return head.encode() + b'"stream_status":' + _dumped(status) + b"}}"


def null_state(name: str) -> Message:
    """What a Clear emits for a stream: a state that holds nothing."""
    return {
        "type": "STATE",
        "state": {"type": "STREAM", "stream": {"stream_descriptor": {"name": name}}},
    }


def error_of(message: Message) -> dict[str, Any] | None:
    """The error of an ERROR trace."""
    trace = message.get("trace") or {}
    if message["type"] != "TRACE" or trace.get("type") != "ERROR":
        return None
    error: dict[str, Any] = trace["error"]
    return error


def _shaped(value: Any, shape: Shape | list[Shape] | None) -> Any:
    if isinstance(shape, list) and isinstance(value, list):
        return [_shaped(one, shape[0]) for one in value]
    if not isinstance(shape, dict) or not isinstance(value, dict):
        return value
    known = {
        key: _shaped(value[key], inner)
        for key, inner in shape.items()
        if value.get(key) is not None
    }
    return known | {key: one for key, one in value.items() if key not in shape}


def _dumped(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate has no UTF-8; a Java writer puts a question mark.
    return text.encode("utf-8", "replace")
