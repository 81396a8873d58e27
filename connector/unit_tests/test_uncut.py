"""Who leaves waits for what is uncut; of signals the sources' own tests tell."""

from __future__ import annotations

import threading

from people_connector.uncut import uncut, wait_for_uncut


def test_who_leaves_waits_for_what_is_uncut_in_another_thread() -> None:
    began, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def renew() -> None:
        with uncut():
            began.set()
            may_end.wait(30)
            ended.set()

    renewing = threading.Thread(target=renew)
    renewing.start()
    assert began.wait(30)
    threading.Timer(0.3, may_end.set).start()
    wait_for_uncut()
    assert ended.is_set()
    renewing.join()
