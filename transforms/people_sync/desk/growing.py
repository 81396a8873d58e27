"""A page that grows while a run goes on: each step in words, and at the end the way to the result."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from markupsafe import escape
from people_transforms.publishing.words import Words
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from people_sync.desk.visit import Visit
from people_sync.running.noted_progress import Step, read_step

HEARTBEAT_SECONDS = 0.5
_HERE = b"<!-- here -->"


def grow(visit: Visit, page: Response, is_over: Callable[[], bool]) -> Response:
    """Answer with a page in two parts; between them is told what the run does, until it is over.

    No thread waits meanwhile: however many such pages somebody opens, the others are answered.
    """
    before, after = bytes(page.body).split(_HERE)
    texts, words = (
        visit.office.pages.texts[visit.language],
        visit.office.pages.words[visit.language],
    )
    file = visit.connection.file

    async def parts() -> AsyncIterator[bytes]:
        yield before
        said = ""
        while not is_over():
            await asyncio.sleep(HEARTBEAT_SECONDS)
            step = await run_in_threadpool(read_step, file) if file else None
            text = _say(step, texts, words) if step else ""
            if text and text != said:
                said = text
                yield f"<li>{escape(text)}</li>".encode()
            else:
                yield b"<!-- . -->"
        yield after

    answer = StreamingResponse(parts(), media_type="text/html; charset=utf-8")
    visit.keep(answer)
    return answer


def _say(step: Step, texts: Callable[..., str], words: Words) -> str:
    if step.name == "read":
        return texts("running.read", what=words.name("streams", step.stream))
    if step.name == "send":
        return texts("running.send", done=words.number(step.done), of=words.number(step.of))
    return texts("running.compare")
