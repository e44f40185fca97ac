"""The app, measured from inside: ``python -m cnn_tui.tui.measuring visits|actions|steps PANE``.

It runs headless, with an engine that has not answered yet, and prints one JSON object. The
benchmark ``gaps`` calls it, a fresh process each time, in a folder of its own.
"""

import asyncio
import contextlib
import gc
import json
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NoReturn

from textual.binding import Binding
from textual.events import Event, Key, Resize
from textual.geometry import Size
from textual.keys import _character_to_key

from cnn_tui.chapter.catalogue import demos
from cnn_tui.engine.process import Engine
from cnn_tui.engine.state import EngineState
from cnn_tui.errors import LabFault
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.panes.catalogue import PANES
from cnn_tui.tui.panes.topics.pane import TopicsPane
from cnn_tui.tui.themes import DEFAULT_THEME
from cnn_tui.tui.widgets.key_line import spelled

ENGINE_SECONDS = 30.0
"""How long torch takes to load on the slow file system of a cluster."""
CONTENT = {
    "Models": ("LeNet-5", "arameters"),
    "Pooling": ("max(1, 3, 5, 6) = 6",),
    "Training": ("Loss", "Accuracy"),
    "Exercises": ("max_pool",),
}
"""Words that a pane shows once it has its content; Topics is there from the start."""
FOLLOWED = "what differs is"
"""Words of a demo's output that belongs to other numbers than the one before it."""
GIVE_UP_SECONDS = 10.0
TICK_SECONDS = 0.001
LONG_SECONDS = 0.01
QUIET_SECONDS = 0.15
"""An action is over once nothing was drawn and nothing took LONG_SECONDS for so long."""
MOST_SECONDS = 2.0
SIZE, SIZES = (120, 40), ((80, 24), (200, 50), (120, 40))
NOT_PRESSED = {"quit_lab", "suspend_process", "edit", "resume", "stop", "write", "open_pane"}
"""Actions that leave the app or the pane, and those that start programs."""
LEAVING = ("ctrl+c", "ctrl+q", "ctrl+z")
EVERYWHERE = ("down", "up", "end", "home", "pagedown", "enter", "tab", "ctrl+p")
FIRST_VISIT, A_DIALOG = "first visit", " (a dialog)"
IN_A_DIALOG = ("tab", "down", "v")
IN_A_LIST, TYPED = "jkjkj", "qxzwq"


HeldTime = tuple[float, float]
"""In ms: how long the event loop was held, and how much of that it computed."""


class WaitingEngine(Engine):
    """Torch is still loading, for as long as anybody asks."""

    def __init__(self) -> None:
        super().__init__()
        self._loading = EngineState("loading", time.monotonic())

    @property
    def state(self) -> EngineState:
        """How far it is: always on the way."""
        return self._loading

    def warm_up(self) -> None:
        """Load nothing: what is measured shares its processors with no import of torch."""

    async def compute(self, job: str, arguments: Mapping[str, Any], seconds: float) -> NoReturn:
        """Answer nothing that needs torch while the measurement lasts."""
        await asyncio.sleep(ENGINE_SECONDS)
        raise LabFault("The engine did not start.")


class WaitingChecker:
    """Stands for the process that checks exercises: it is busy with the first check."""

    def warm_up(self) -> None:
        """Start nothing."""

    def check(self, *_: object, stop: threading.Event, **__: object) -> NoReturn:
        """Go on until the check is stopped."""
        stop.wait(ENGINE_SECONDS)
        raise LabFault("The check was stopped.")

    def close(self) -> None:
        """End nothing."""


class MeasuredApp(LabApp):
    """The lab, which notes when it draws and how long its event loop is held."""

    def __init__(self) -> None:
        super().__init__(theme_name=DEFAULT_THEME)
        self.engine = WaitingEngine()
        self.gap = self.computed = 0.0
        self.arrived: set[int] = set()
        self.on_drawn: Callable[[float], None] | None = None
        self._ticked_at = self._busy_at = time.perf_counter()
        self._computed_until = time.thread_time()

    def _display(self, screen: Any, renderable: Any) -> None:
        super()._display(screen, renderable)
        self._busy_at = time.perf_counter()
        if self.on_drawn is not None:
            self.on_drawn(self._busy_at)

    async def on_event(self, event: Event) -> None:
        """Note which keys came while something had the focus."""
        if isinstance(event, Key) and self.focused is not None:
            self.arrived.add(id(event))
        await super().on_event(event)

    def start_ticking(self) -> None:
        """Note from now on how late the loop comes to what is due."""
        self._ticked_at, self._computed_until = time.perf_counter(), time.thread_time()
        asyncio.get_running_loop().call_later(TICK_SECONDS, self._tick)

    def _tick(self) -> None:
        now = time.perf_counter()
        held = now - self._ticked_at - TICK_SECONDS
        if held > self.gap:
            self.gap, self.computed = held, time.thread_time() - self._computed_until
        if held > LONG_SECONDS:
            self._busy_at = now
        self.start_ticking()

    def type_keys(self, *keys: str) -> None:
        """Let ``keys`` come in as the terminal's thread would bring them, all at once."""
        for key in keys:
            name = _character_to_key(key) if len(key) == 1 else key
            self.post_message(Key(name, key if len(key) == 1 else None))

    def take_size(self, size: tuple[int, int]) -> None:
        """Let the terminal have another size."""
        driver: Any = self._driver
        driver._size = size
        self.post_message(Resize(Size(*size), Size(*size)))

    async def is_prepared(self) -> None:
        """Return once what first visits need is loaded, a moment after the first paint."""
        begun = time.perf_counter()
        while not self._panes.prepared and time.perf_counter() - begun < GIVE_UP_SECONDS:
            await asyncio.sleep(QUIET_SECONDS / 5)

    async def is_quiet(self) -> None:
        """Return once nothing has been drawn and nothing has held the loop for a while."""
        begun = time.perf_counter()
        while True:
            await asyncio.sleep(QUIET_SECONDS / 5)
            now = time.perf_counter()
            is_calm = now - max(begun, self._busy_at) > QUIET_SECONDS and self.screen.is_mounted
            if is_calm or now - begun > MOST_SECONDS:
                return

    async def gap_of(self, act: Callable[[], None]) -> HeldTime:
        """The longest time for which the event loop was held by what ``act`` begins."""
        await asyncio.sleep(TICK_SECONDS * 5)
        self.gap = self.computed = 0.0
        act()
        await self.is_quiet()
        return 1000 * self.gap, 1000 * self.computed


async def visit(app: MeasuredApp, title: str) -> dict[str, HeldTime]:
    """Milliseconds from the key of a pane to its content, on its first visit."""
    number = [info.title for info in PANES].index(title) + 1
    return {title: await _until_drawn(app, CONTENT[title], str(number))}


async def steps(app: MeasuredApp, title: str) -> dict[str, HeldTime]:
    """Milliseconds from ← on the first number of each live demo to the output that follows it."""
    pane = app.query_one(TopicsPane)
    found = {}
    for info in demos():
        if info.live or not info.needs_torch:
            pane.open_item(info.topic)
            await app.is_quiet()
            await pane.demo.edit(info.name)
            await app.is_quiet()
            if pane.panel.is_asking:  # the demo's question, which comes first
                app.type_keys("s")
                await app.is_quiet()
            found[info.name] = await _until_drawn(app, (FOLLOWED,), "left")
            pane.demo.close(keep=False)
            await app.is_quiet()
    return found


async def _until_drawn(app: MeasuredApp, words: Iterable[str], key: str) -> HeldTime:
    """How long after ``key`` the screen shows all ``words``, and how much of that it computed."""
    begun, computed = time.perf_counter(), time.thread_time()
    seen: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def look(at: float) -> None:
        shown = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        if not seen.done() and all(word in shown for word in words):
            seen.set_result(at)

    app.on_drawn = look
    app.type_keys(key)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GIVE_UP_SECONDS):
            await asyncio.shield(seen)
    app.on_drawn = None
    at = seen.result() if seen.done() else begun + GIVE_UP_SECONDS
    return 1000 * (at - begun), 1000 * (time.thread_time() - computed)


async def actions(app: MeasuredApp, title: str) -> dict[str, HeldTime]:
    """The longest gap in ms of each key and of each resize, and how many keys were lost."""
    numbers = {info.title: str(number) for number, info in enumerate(PANES, start=1)}
    found: dict[str, HeldTime] = {}

    async def measure(name: str, act: Callable[[], None]) -> None:
        found[f"{title}, {name}"] = await app.gap_of(act)

    await measure(FIRST_VISIT, partial(app.type_keys, numbers[title]))
    for key in _keys(app):
        await measure(spelled(key), partial(app.type_keys, key))
        if len(app.screen_stack) > 1:
            found[f"{title}, {spelled(key)}{A_DIALOG}"] = found.pop(f"{title}, {spelled(key)}")
        for inner in IN_A_DIALOG if len(app.screen_stack) > 1 else ():
            await measure(f"{spelled(key)}, then {spelled(inner)}", partial(app.type_keys, inner))
        await _back(app)
    for number in (*numbers.values(), numbers[title]):  # also what is hidden takes another size
        app.type_keys(number)
        await app.is_quiet()
    for size in SIZES:
        await measure(f"resize to {size[0]}×{size[1]}", partial(app.take_size, size))
    return {**found, **await _lost(app, title)}


def _keys(app: MeasuredApp) -> list[str]:
    """The first key of every action of the lab that works in the open pane, and what moves."""
    bindings = [each.binding for each in app.screen.active_bindings.values()]
    keys = {each.action: each.key for each in bindings if each.id and _may_be_pressed(each)}
    return [*dict.fromkeys([*keys.values(), *EVERYWHERE])]


def _may_be_pressed(binding: Binding) -> bool:
    name = binding.action.partition("(")[0].rpartition(".")[2]
    return name not in NOT_PRESSED and binding.key not in LEAVING


async def _back(app: MeasuredApp) -> None:
    """Close what a key has opened, and come back to the list."""
    if len(app.screen_stack) > 1:
        app.type_keys("escape")
        await app.is_quiet()
    while len(app.screen_stack) > 1:  # a form that asks whether to drop what was typed
        app.pop_screen()
    app.pane.focus_first()


async def _lost(app: MeasuredApp, title: str) -> dict[str, HeldTime]:
    """How many keys are lost that are typed while the loop is held."""
    app.arrived.clear()
    app.take_size(SIZES[0])
    app.type_keys(*IN_A_LIST)
    await app.is_quiet()
    missed = len(IN_A_LIST) - len(app.arrived)
    lost: dict[str, HeldTime] = {f"{title}, keys lost in a resize": (missed, 0)}
    if title == "Training":
        app.type_keys("n", *TYPED)
        await app.is_quiet()
        lost[f"{title}, keys lost after n"] = (len(TYPED) - _typed_length(app), 0)
    return lost


def _typed_length(app: MeasuredApp) -> int:
    """How much of TYPED, from its end, a field of the dialog shows."""
    shown = " ".join(strip.text for strip in app.screen._compositor.render_strips())
    return next((count for count in range(len(TYPED), 1, -1) if TYPED[-count:] in shown), 0)


MEASURES = {"visits": visit, "actions": actions, "steps": steps}


def main(what: str, title: str) -> None:
    """Measure, and print what was found."""
    from cnn_tui.tui import checks

    vars(checks)["Checker"] = WaitingChecker
    gc.disable()  # as the lab does until it is painted
    app = MeasuredApp()
    found: dict[str, HeldTime] = {}

    async def measure(_: object) -> None:
        await app.is_prepared()
        app.start_ticking()
        await app.is_quiet()
        measured = await MEASURES[what](app, title)
        if app.is_running:
            found.update(measured)
            app.exit()

    asyncio.run(app.run_async(headless=True, size=SIZE, auto_pilot=measure))
    if app.crash is not None:
        raise app.crash
    if not found:
        raise LabFault("A key has ended the app.")
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
