"""What manifest.yaml cannot say. Each class says in its first line why it is none of the CDK's.

One page is parsed once, by the error handler, which hangs it on the response as `page`: paginator,
extractor and retriever take it from there. (No `from __future__ import annotations`: the Builder
executes this file in a module that dataclasses could not find.)
"""

import logging
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import InitVar, dataclass
from datetime import timedelta
from enum import Enum
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import orjson
import requests
from airbyte_cdk import (
    AirbyteTracedException,
    BackoffStrategy,
    DeclarativeSingleUseRefreshTokenOauth2Authenticator,
    FailureType,
    HttpRequester,
    NoAuth,
    PageIncrement,
    RecordExtractor,
    RecordTransformation,
    SimpleRetriever,
    StreamSlice,
    emit_configuration_as_airbyte_control_message,
)
from airbyte_cdk.sources.declarative.extractors.type_transformer import TypeTransformer
from airbyte_cdk.sources.declarative.requesters.error_handlers import DefaultErrorHandler
from airbyte_cdk.sources.streams.http.error_handlers import ErrorResolution, ResponseAction
from airbyte_cdk.sources.streams.http.error_handlers.response_models import SUCCESS_RESOLUTION
from airbyte_cdk.utils.airbyte_secrets_utils import add_to_secrets
from airbyte_cdk.utils.datetime_helpers import (
    AirbyteDateTime,
    ab_datetime_now,
    ab_datetime_try_parse,
)
from people_connector.guard import (
    Guarded,
    config_error,
    parse_json,
    seconds_asked,
    transient_error,
)
from people_connector.uncut import uncut

from source_loket.pages import ListChanged, Page, PageParser, Proof, cut_days, days_of

_log = logging.getLogger("airbyte.source-loket")
HELD_BACK = 5_000  # records of a list that wait for its proof; a longer list is passed on before
_LONGEST_WAIT = 600.0  # for one answer, all its repetitions together
_DERIVED = {"__api_url", "__oauth_url", "__airbyte_check_stream_names", "__config_path"}
_LONGEST_LIFETIME = 366 * 24 * 3600
_date_of = lru_cache(maxsize=8)(ab_datetime_try_parse)  # asked for twice for each request


class NotGranted(Exception):
    """The error filters ignored a refusal: there is another way to read this list."""


class Null(Enum):
    """A null that is printed: the CDK leaves out a record's own keys whose value is None."""

    NULL = None


class Answers(DefaultErrorHandler):
    """DefaultErrorHandler believes each 200, ends on a lost connection, logs the body of a refusal."""

    # Activities that used up their attempts: their next lists are repeated once only, so that a
    # night in which Loket is down ends within minutes. Of the process, as each stream has handlers.
    down: ClassVar[set[str]] = set()
    max_retries = property(lambda self: 1 if self.activity in Answers.down else 5, lambda *_: None)

    def __post_init__(self, parameters: Mapping[str, Any]) -> None:
        self.activity = str(parameters.get("activity"))
        super().__post_init__(parameters)

    def interpret_response(self, response_or_exception: Any) -> ErrorResolution:
        answer = response_or_exception
        if not isinstance(answer, requests.Response):
            kind = type(answer).__name__  # its text has addresses
            return _retry(f"the connection to Loket failed ({kind})")
        if answer.ok:
            try:
                answer.page = self.parse(answer.content)
            except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
                return _retry("an answer of Loket is cut off, or not what it documents")
            Answers.down.discard(self.activity)
            return SUCCESS_RESOLUTION
        resolution = super().interpret_response(answer)
        if resolution.response_action == ResponseAction.FAIL:
            # Raised here: the CDK's own error quotes the request and the whole answer.
            said = resolution.error_message
            raise AirbyteTracedException(said, said, resolution.failure_type)
        return resolution

    def parse(self, body: bytes) -> Any:
        """ValueError or the like for a body that is none: it is asked for again."""
        raise NotImplementedError


def _retry(reason: str) -> ErrorResolution:
    return ErrorResolution(ResponseAction.RETRY, FailureType.transient_error, reason)


@dataclass
class ListAnswers(Answers):
    """The answers of a list. `key`: what tells its rows apart; `minimal`: what may leave besides."""

    key: list[str] | None = None
    minimal: list[str] | None = None

    def __post_init__(self, parameters: Mapping[str, Any]) -> None:
        super().__post_init__(parameters)
        is_minimal = self.config.get("fields", "minimal") == "minimal"
        key = ["id"] if self.key is None else self.key
        self.parse = PageParser(key, self.minimal if is_minimal else None).parse


class TokenAnswers(Answers):
    """DefaultErrorHandler, of the token endpoint: it would believe a page of HTML, and quote a refusal."""

    def parse(self, body: bytes) -> Any:
        answer = parse_json(body)
        if not isinstance(answer["access_token"], str):
            raise ValueError
        return answer


@dataclass
class RetryAfter(BackoffStrategy):
    """WaitTimeFromHeader reads no date, takes -5 and nan for a time, and knows no limit of all waits."""

    parameters: InitVar[Mapping[str, Any]]

    def __post_init__(self, parameters: Mapping[str, Any]) -> None:
        self._activity = str(parameters.get("activity"))

    def backoff_time(self, response_or_exception: Any, attempt_count: int) -> float | None:
        headers = getattr(response_or_exception, "headers", {})
        seconds = seconds_asked(headers.get("Retry-After", ""))
        longest = 5 if self._activity in Answers.down else _LONGEST_WAIT
        is_too_long = (seconds or 0) * attempt_count > longest
        if is_too_long or attempt_count > 5:
            Answers.down.add(self._activity)
        if is_too_long:
            raise transient_error(f"Loket asks to wait {seconds:.0f} s. Run the read again later.")
        return None if seconds is None else max(seconds, 0.1)


class NumberedPages(PageIncrement):
    """PageIncrement ends at a short page; Loket says how many pages there are."""

    def next_page_token(self, response: Any, **last: Any) -> int | None:
        page: Page = response.page
        number = last["last_page_token_value"]
        pages = -(-page.total // (self.get_page_size() or 1)) if page.pages is None else page.pages
        return number + 1 if page.rows and number < pages else None


@dataclass
class Rows(RecordExtractor):
    """DpathExtractor walks every leaf of a page: 59 µs a record."""

    parameters: InitVar[Mapping[str, Any]]

    def __post_init__(self, parameters: Mapping[str, Any]) -> None:
        self._parameters = parameters
        self._is_obsolete = False

    def extract_records(self, response: Any) -> Iterable[dict[str, Any]]:
        page: Page = response.page
        if page.obsolete_on and not self._is_obsolete:
            self._is_obsolete = True
            _log.warning(
                "Loket stops to serve version %s of %s on %s: update source-loket before.",
                *(self._parameters.get(name) for name in ("version", "name")),
                str(page.obsolete_on)[:10],
            )
        for row in page.rows:
            row["total_size"] = page.total
        return page.rows


@dataclass
class FilterSettings(Rows):
    """The CDK has no extractor that warns: employments that a filter hides would look like leavers."""

    def extract_records(self, response: Any) -> Iterable[dict[str, Any]]:
        for row in super().extract_records(response):
            stored = row.get("employmentFilter")
            said = [
                f"{name} is {value if isinstance(value, str) else 'set'}"
                for name, value in (stored.items() if isinstance(stored, dict) else ())
                if name.startswith("filterOn") and value not in (None, "AllEmployments", [])
            ]
            if said:
                _log.warning(
                    "The employments of employer %s are filtered for this Loket user (%s): hidden "
                    "employments are not read. Set the filter to all employments in Loket.",
                    response.url.rsplit("/", 1)[-1],
                    ", ".join(said),
                )
            yield row


@dataclass
class FieldValues(Rows):
    """RecordExpander has no answer to a key that holds one value, or an array of them, or nothing."""

    level: str

    def extract_records(self, response: Any) -> Iterable[dict[str, Any]]:
        key = f"{self.level}CustomFields"
        for row in super().extract_records(response):
            held = row.get(key) if "employmentId" in row else row  # else: the list of one holder
            is_counted = held is not row and isinstance(held, dict)
            for value in held if isinstance(held, list) else [] if held is None else [held]:
                value.pop("total_size", None)
                yield {
                    "total_size": response.page.total if is_counted else None,
                    "employmentId": row.get("employmentId"),
                    "employeeId": None,
                    key: value,
                }


@dataclass
class OfEmployer(RecordTransformation):
    """AddFields costs 16 µs a field and turns the text "1e5" into a number.

    Adds the employer, and the field of the slice that `slice_field` names.
    """

    parameters: InitVar[Mapping[str, Any]]
    slice_field: str = ""
    level: str = ""

    def __post_init__(self, parameters: Mapping[str, Any]) -> None:
        self._holder, self._held = f"{self.level}Id", f"{self.level}CustomFields"

    def transform(self, record: Any, stream_slice: Any = None, **_: Any) -> None:
        record["employer_id"] = stream_slice.partition.get("employer_id") or record["id"]
        if self.slice_field in stream_slice.extra_fields:
            record[self.slice_field] = stream_slice.extra_fields[self.slice_field]
        if self.level:
            holder = record.get(self._holder) or record["employmentId"]
            record["id"] = f"{holder}:{record[self._held]['id']}"


class Printable(TypeTransformer):
    """`Default` costs 325 µs a record and has no word for a day.

    Cuts days to YYYY-MM-DD, never shifting them by a time zone, and has nulls printed.
    """

    _days: dict[str, Any] | None = None

    def transform(self, record: dict[str, Any], schema: Mapping[str, Any]) -> None:
        if self._days is None:
            self._days = days_of(schema)
        cut_days(record, self._days)
        for name, value in record.items():
            if value is None:
                record[name] = Null.NULL


class WholeList(SimpleRetriever):
    """SimpleRetriever forgets each page: a list that lacks a page, or has one twice, would pass."""

    def read_records(self, records_schema: Any, stream_slice: Any = None) -> Iterator[Any]:
        if stream_slice and stream_slice.extra_fields.get("is_unseen"):
            raise config_error(f"{self.name}: {_unseen([stream_slice['employer_id']])}")
        yield from super().read_records(records_schema, stream_slice)

    def _read_pages(self, records_generator_fn: Any, stream_slice: Any) -> Iterator[Any]:
        what = f"The list of {self.name}" + (
            f" of employer {stream_slice['employer_id']}" if "employer_id" in stream_slice else ""
        )
        try:
            yield from self._read_once(records_generator_fn, stream_slice)
            return
        except ListChanged as change:
            _log.warning("%s changed while it was read (%s). Reading it again.", what, change)
        try:
            yield from self._read_once(records_generator_fn, stream_slice)
        except ListChanged as change:
            raise transient_error(
                f"{what} cannot be read whole: twice it changed while it was read ({change}). "
                "Run again; if it stays, ask Loket about the paging of this list."
            ) from None

    def _read_once(self, records_of: Any, stream_slice: Any) -> Iterator[Any]:
        proof = Proof()

        def watched(response: Any) -> Iterable[Any]:
            if not response.ok:
                raise NotGranted(response.status_code)
            proof.add(response.page)
            return records_of(response)

        records = super()._read_pages(watched, stream_slice)
        held = list(islice(records, HELD_BACK))
        if len(held) < HELD_BACK:
            proof.finish()
            yield from held
            return
        yield from held
        held.clear()
        yield from records
        proof.finish()


@dataclass
class EmployerList(WholeList):
    """RecordFilter cannot stop a read: no employer at all is a wrong setting, not an empty company.

    Of the ids in the setting `employer_ids` that the user does not see, `for_partitions` makes a
    partition that fails in its turn: a parent that raises would lose its last good record.
    """

    for_partitions: bool = False

    def read_records(self, records_schema: Any, stream_slice: Any = None) -> Iterator[Any]:
        seen = list(super().read_records(records_schema, stream_slice))
        if not seen:
            raise config_error(
                "This Loket user sees no employer. Give the user access to at least one employer "
                "in Loket, and check that environment fits the credentials."
            )
        typed = [str(one).strip() for one in self.config.get("employer_ids") or []]
        wanted = {one.lower(): one for one in typed if one}
        selected = [one for one in seen if not wanted or one.data["id"].lower() in wanted]
        unseen = sorted(set(wanted) - {one.data["id"].lower() for one in selected})
        if not selected:
            raise config_error(_unseen([wanted[one] for one in unseen]))
        if self.for_partitions:  # first, where `check` meets them
            yield from ({"id": wanted[one], "is_unseen": True} for one in unseen)
        for one in selected:
            one.data["total_size"] = len(selected)
            yield one
        if unseen and not self.for_partitions:
            raise config_error(f"{self.name}: {_unseen([wanted[one] for one in unseen])}")


def _unseen(employer_ids: Sequence[str]) -> str:
    return (
        f"employer_ids names employers that this Loket user does not see: {', '.join(employer_ids)}. "
        "Correct the setting (it takes ids, not employer numbers), or give the user access in Loket."
    )


@dataclass
class ListAfterList(WholeList):
    """A SubstreamPartitionRouter below another stops at the first employer whose list fails.

    Reads this list for each row of `first`, or once for all of them; `value_path` of the row is
    in the slice as `slice_field`.
    """

    first: WholeList | None = None
    slice_field: str = ""
    value_path: str = "id"
    at_once: bool = False

    def read_records(self, records_schema: Any, stream_slice: Any = None) -> Iterator[Any]:
        path = self.value_path.split(".")
        values: list[Any] = []
        for row in self.first.read_records({}, stream_slice):
            value: Any = row
            for part in path:
                value = value.get(part) if isinstance(value, Mapping) else None
            if value is not None and value not in values:
                values.append(value)
        for value in [values] if self.at_once else values:
            extra = {self.slice_field: value}
            below = StreamSlice(
                partition=stream_slice.partition, cursor_slice={}, extra_fields=extra
            )
            yield from super().read_records(records_schema, below)


@dataclass
class BulkOrEach(ListAfterList):
    """The CDK has no "else": where the bulk list is not granted, the holders are asked one by one."""

    each_requester: HttpRequester | None = None

    def read_records(self, records_schema: Any, stream_slice: Any = None) -> Iterator[Any]:
        try:
            yield from WholeList.read_records(self, records_schema, stream_slice)
        except NotGranted as refusal:
            employer_id = stream_slice["employer_id"]
            _log.info("%s of %s are read one by one (%s).", self.name, employer_id, refusal)
            each = copy(self)
            each.requester = self.each_requester
            yield from ListAfterList.read_records(each, records_schema, stream_slice)


class NoToken(Guarded, NoAuth):
    """NoAuth does not guard the request that carries the client's secret."""


class RenewedToken(Guarded, DeclarativeSingleUseRefreshTokenOauth2Authenticator):
    """The CDK's token request has no time-out, sends an empty secret, leaves the file as it is, and may be cut."""

    config: Mapping[str, Any]
    token_requester: HttpRequester

    def __init__(self, config: Mapping[str, Any], token_requester: HttpRequester) -> None:
        self._requester = token_requester
        super().__init__(config, token_requester.get_url())

    def refresh_and_set_access_token(self) -> None:
        with uncut():
            super().refresh_and_set_access_token()

    def _get_config_value_by_path(self, config_path: Any, default: str | None = None) -> Any:
        """The CDK walks through all settings, while another thread may be adding its token to them."""
        return (self._connector_config.get("credentials") or {}).get(config_path[-1], default or "")

    def get_token_expiry_date(self) -> AirbyteDateTime:
        said = self._get_config_value_by_path(("credentials", "token_expiry_date"))
        return _date_of(str(said)) or ab_datetime_now() - timedelta(days=1)

    def _make_handled_request(self) -> Any:
        credentials = self._connector_config["credentials"]
        credentials["refresh_token"] = self._kept_token() or credentials["refresh_token"]
        names = ("refresh_token", "client_id", "client_secret")
        form = {"grant_type": "refresh_token"}
        form |= {n: credentials[n] for n in names if credentials.get(n)}
        answer = self._requester.send_request(request_body_data=form).page
        for name in ("access_token", "refresh_token"):
            add_to_secrets(str(answer.get(name) or credentials["refresh_token"]))
        return answer

    def _kept_token(self) -> Any:
        """The file's refresh token: another process, a check beside a read, may have renewed it."""
        try:
            kept = parse_json(Path(self._connector_config["__config_path"]).read_bytes())
            return kept["credentials"]["refresh_token"]
        except (OSError, KeyError, TypeError, ValueError):
            return None

    def _extract_token_expiry_date(self, response_data: Mapping[str, Any]) -> AirbyteDateTime:
        try:
            seconds = float(response_data.get("expires_in") or 3599)
        except (TypeError, ValueError, OverflowError):
            seconds = 3599
        seconds = max(seconds, 1) if seconds <= _LONGEST_LIFETIME else 3599  # nor nan
        return ab_datetime_now() + timedelta(seconds=seconds - min(60, seconds / 10))

    def _emit_control_message(self) -> None:
        # What the manifest derived for this process is not to be kept.
        kept = {k: v for k, v in self._connector_config.items() if k not in _DERIVED}
        emit_configuration_as_airbyte_control_message(kept)
        try:
            if path := self._connector_config.get("__config_path"):
                replace_file(Path(path).resolve(), orjson.dumps(kept, option=orjson.OPT_INDENT_2))
        except OSError as error:
            _log.warning(
                "The renewed Loket token could not be written to the configuration file (%s). Keep "
                "the configuration of the control message, the old token may no longer work.",
                error.strerror,
            )


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file in one step, readable by its owner only; a crash leaves the old one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content + b"\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
