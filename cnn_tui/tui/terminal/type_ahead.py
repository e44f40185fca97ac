"""Keys that are typed quickly: each waits until what the one before it opens can take it.

Textual hands a key to what has the focus when it comes, and looks for its meaning once it has
gone all the way up. What is typed right behind the key of a dialog, a pane or a filter would
mean nothing by then, or something on what was open before.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App
from textual.events import Event, Key, Paste
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widget import Widget

Typed = Key | Paste
LONGEST_WAIT = 2.0
"""Seconds after which a key waits no longer, whatever became of the one before it."""


class TypeAhead:
    """Lets one key after the other into the app; ``deliver`` is how the app takes an event."""

    def __init__(self, app: App[Any], deliver: Callable[[Event], Awaitable[None]]) -> None:
        self._app = app
        self._deliver = deliver
        self._held: list[Typed] = []
        self._awaited = 0
        self._since = 0.0
        self._deadline: asyncio.TimerHandle | None = None

    def wait_for(self, screen: Screen[Any]) -> None:
        """Hold keys from now on, until ``screen`` has its focus."""
        self._follow([screen])

    def forget(self) -> None:
        """Drop what waits for its turn."""
        self._held.clear()

    async def take(self, event: Event) -> None:
        """Deliver ``event``; what is typed waits for its turn, but not again when it bubbles up."""
        if not isinstance(event, Typed) or event.is_forwarded:
            await self._deliver(event)
            return
        self._held.append(event)
        if not self._is_waiting:
            self._awaited = 0
            await self._type_held()

    @property
    def _is_waiting(self) -> bool:
        return self._awaited > 0 and time.monotonic() - self._since < LONGEST_WAIT

    async def _type(self, key: Typed) -> None:
        """Deliver a key; what is typed next waits until it has gone all the way up."""
        if isinstance(key, Paste) or self._stays_in(self._app.focused, key):
            await self._deliver(key)
            return
        focused = self._app.focused or self._app.screen
        way: list[MessagePump] = list(focused.ancestors_with_self)
        await self._deliver(key)
        self._follow(way + way)  # once behind the key, once behind what it has sent

    def _stays_in(self, focused: Widget | None, key: Key) -> bool:
        """Whether ``focused`` acts on the key itself, as a list on its arrows or a field on text.

        Such keys need not wait for each other: what they show is then drawn once for many.
        """
        if focused is None:
            return False
        if focused.check_consume_key(key.key, key.character):
            return True
        bound = self._app.screen.active_bindings.get(key.key)
        return bound is None or (bound.node is focused and key.key != "enter")

    def _follow(self, way: list[MessagePump]) -> None:
        """Go a way behind what is under way already; then it may be the next key's turn."""
        self._awaited = self._awaited + 1 if self._is_waiting else 1
        self._since = time.monotonic()
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = asyncio.get_running_loop().call_later(
            LONGEST_WAIT, self._app.call_later, self._wait_no_longer
        )
        self._go_on(way)

    async def _wait_no_longer(self) -> None:
        """Let the next key go: what was waited for may have ended in a widget that has gone."""
        self._deadline = None
        self._awaited = 0
        await self._type_held()

    def _go_on(self, way: list[MessagePump]) -> None:
        for index, each in enumerate(way):
            if each.call_later(self._go_on, way[index + 1 :]):
                return
        self._app.call_later(self._arrive)  # behind the focus that a key has moved

    async def _arrive(self) -> None:
        self._awaited = max(0, self._awaited - 1)
        await self._type_held()

    async def _type_held(self) -> None:
        while self._awaited == 0 and self._held:
            await self._type(self._held.pop(0))
