"""The one way to do something beside the keys: at once, later, or again and again.

Panes, pages, dialogs and the app itself use it. An unexpected error ends no
more than what it happened in: it is logged, and the user reads one sentence.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from inspect import isawaitable
from typing import Any
from weakref import finalize

from textual.dom import DOMNode
from textual.message_pump import MessagePump
from textual.timer import Timer
from textual.worker import WorkType

from cnn_tui.errors import LabError
from cnn_tui.tui.failures import FailureLog, sentence_about

GO_ON = ", but you can go on"
FAILURE_SECONDS = 8

Complain = Callable[[str], None]
"""Shows a sentence where the user waits for an answer."""


def start(
    owner: DOMNode, work: Coroutine[Any, Any, None], group: str, complain: Complain | None = None
) -> None:
    """Run ``work`` beside the event loop; it replaces what ``group`` of ``owner`` still does.

    An error ends in ``complain``, else in a notification.
    """

    async def run() -> None:
        await finish(owner, work, complain)

    # A worker that is replaced, or whose app ends, before its turn has come runs nothing.
    finalize(run, work.close).atexit = False
    begin: WorkType[None] = run
    owner.run_worker(
        begin,
        name=group,
        group=group,
        exclusive=True,
        exit_on_error=False,
    )


def later(owner: MessagePump, seconds: float, act: Callable[[], Any]) -> Timer:
    """Call ``act`` after ``seconds``, unless ``owner`` is gone by then."""
    return owner.set_timer(seconds, _guarded(owner, act))


def every(owner: MessagePump, seconds: float, act: Callable[[], Any]) -> Timer:
    """Call ``act`` every so many ``seconds`` for as long as ``owner`` is there."""
    return owner.set_interval(seconds, _guarded(owner, act))


def after_refresh(owner: MessagePump, act: Callable[[], Any]) -> None:
    """Call ``act`` once what has changed is laid out and drawn."""
    owner.call_after_refresh(_guarded(owner, act))


async def finish(
    owner: MessagePump, work: Awaitable[None], complain: Complain | None = None
) -> None:
    """Wait for ``work`` here and now; its error ends as one of ``start`` does."""
    try:
        await work
    except asyncio.CancelledError:
        raise
    except Exception as error:
        report(owner, error, complain)


def report(owner: MessagePump, error: BaseException, complain: Complain | None = None) -> None:
    """Tell the user of ``error``; what is no LabError is logged as well."""
    log = _log_of(owner)
    is_expected = isinstance(error, LabError)
    sentence = _in_keys(owner, error) if is_expected else _in_log(error, log)
    if complain is not None and _complained(complain, sentence):
        return
    if is_expected or log.is_news(sentence, FAILURE_SECONDS):
        owner.app.notify(sentence, severity="error", timeout=FAILURE_SECONDS, markup=False)


def _in_keys(owner: MessagePump, error: BaseException) -> str:
    """The sentence of an expected error, with the keys that do something about it."""
    explain: Callable[[BaseException], str] = getattr(owner.app, "explain", str)
    return explain(error)


def _in_log(error: BaseException, log: FailureLog) -> str:
    return sentence_about(error, log.add(error), GO_ON)


def _complained(complain: Complain, sentence: str) -> bool:
    """Whether the sentence could be shown in its place, which may be gone by now."""
    try:
        complain(sentence)
    except Exception:
        return False
    return True


def _guarded(owner: MessagePump, act: Callable[[], Any]) -> Callable[[], Coroutine[Any, Any, None]]:
    async def guarded() -> None:
        try:
            outcome = act()
            if isawaitable(outcome):
                await outcome
        except Exception as error:
            report(owner, error)

    return guarded


def _log_of(owner: MessagePump) -> FailureLog:
    log = getattr(owner.app, "failures", None)
    return log if isinstance(log, FailureLog) else FailureLog(None)
