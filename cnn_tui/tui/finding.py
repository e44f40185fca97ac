"""Finding things by name: fills the command palette with every action, and all that has a name."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from textual.binding import ActiveBinding, Binding

from cnn_tui.engine.threads import in_background
from cnn_tui.tui.background import start
from cnn_tui.tui.dialogs.palette import Palette, PaletteEntry
from cnn_tui.tui.panes.catalogue import PANES
from cnn_tui.tui.widgets.key_line import spelled

if TYPE_CHECKING:
    from cnn_tui.tui.app import LabApp
    from cnn_tui.workspace import Workspace

FIRST_PAGE = "welcome, tour, introduction"
MOVES = frozenset(
    {"cursor_up", "cursor_down", "scroll_up", "scroll_down", "back", "command_palette"}
    | {"move", "move_map", "move_cell"}
)
"""Actions that only mean something where one sees what they do."""
ALSO: Mapping[str, str] = {
    "lab.quit": "exit, close, leave",
    "lab.help": "keys, shortcuts, keyboard",
    "lab.copy": "clipboard, yank",
    "lab.write": "save, export",
    "training.new": "start a run, fit",
    "training.microscope": "inspect, dead relus, gradient norms, filters, update ratio",
    "training.judge": "evaluate, test accuracy, confusion matrix",
    "training.data": "download",
    "training.cursor-left": "crosshair, cursor",
    "training.cursor-right": "crosshair, cursor",
    "training.seeds": "average of seeds, spread",
    "training.mark": "overlay",
    "training.maximize": "zoom, full size",
    "exercises.auto": "auto-check, watch",
    "pooling.kind": "max pooling, average pooling, Lp pooling, global pooling, adaptive pooling",
    "exercises.diff": "solution, reference",
    "exercises.reset": "reset, start again",
}
"""What people call it who do not know the lab's word, by the id of the key."""


def open_palette(app: "LabApp") -> None:
    """Show the palette over the open pane, and do what is chosen."""
    palette = Palette([*entries_here(app, app.screen.active_bindings), *_without_keys(app)])

    def chosen(entry: PaletteEntry | None) -> None:
        if entry is not None:
            start(app, _act(entry), "palette")

    app.push_screen(palette, chosen)
    start(palette, _fill(palette, app), "fill")


async def _fill(palette: Palette, app: "LabApp") -> None:
    palette.add(await in_background(entries_elsewhere, app))
    if app.workspace is not None:
        palette.add(await in_background(entries_of_runs, app, app.workspace))


async def _act(entry: PaletteEntry) -> None:
    outcome = entry.act()
    if isawaitable(outcome):
        await outcome


def entries_here(app: "LabApp", bindings: Mapping[str, ActiveBinding]) -> list[PaletteEntry]:
    """The keys that act now, those of the footer first, and the panes."""
    found: dict[str, PaletteEntry] = {}
    for active in sorted(bindings.values(), key=lambda each: not each.binding.show):
        binding = active.binding
        if active.enabled and _is_worth_finding(binding):
            kind = "everywhere" if active.node is app else app.pane.info.title.lower()
            entry = _of_binding(binding, kind, _runs(app, binding.action, active.node))
            found.setdefault(f"{kind} {binding.action}", entry)
    own = [each for each in found.values() if each.kind != "everywhere"]
    panes = [
        PaletteEntry("pane", info.title, _opens(app, index), info.purpose, str(index + 1))
        for index, info in enumerate(PANES)
    ]
    return [*own, *panes, *(each for each in found.values() if each.kind == "everywhere")]


def _without_keys(app: "LabApp") -> Iterator[PaletteEntry]:
    """What can be done everywhere and is too rare for a key."""
    yield PaletteEntry("everywhere", "Show the first page", app.action_first_page, also=FIRST_PAGE)
    about = "Write a picture of the screen to an SVG file in the current folder"
    yield PaletteEntry("everywhere", "Screenshot", app.action_picture, about)


def entries_elsewhere(app: "LabApp") -> list[PaletteEntry]:
    """The keys of the other panes, and all that the catalogues name; imports the panes."""
    return [*_other_panes(app), *_named(app), *_themes(app)]


def entries_of_runs(app: "LabApp", workspace: "Workspace") -> list[PaletteEntry]:
    """The runs of a workspace; reads the store."""
    from cnn_tui.training.store.listing import list_runs

    return [
        PaletteEntry(
            "run",
            each.name or each.run,
            _shows(app, "training", each.run),
            f"{each.net} on {each.data}, {each.state}",
            _number("training"),
        )
        for each in list_runs(workspace)
    ]


def _other_panes(app: "LabApp") -> Iterator[PaletteEntry]:
    for index, info in enumerate(PANES):
        if info is app.pane.info:
            continue
        for binding in _declared(info.load()):
            if _is_worth_finding(binding):
                act = _opens(app, index, binding.action)
                entry = _of_binding(binding, info.title.lower(), act)
                yield replace(entry, keys=f"{index + 1} {entry.keys}")


def _named(app: "LabApp") -> Iterator[PaletteEntry]:
    from cnn_tui.chapter.catalogue import demos, topics
    from cnn_tui.chapter.glossary import glossary
    from cnn_tui.data.catalogue import FOLDER, all_data_sets
    from cnn_tui.grading.catalogue import exercises
    from cnn_tui.nets.catalogue import all_nets
    from cnn_tui.training.studies.catalogue import STUDIES

    for topic in topics():
        act = _shows(app, "topics", topic.slug)
        yield PaletteEntry("topic", topic.title, act, topic.section, _number("topics"))
    for term in glossary():
        act, also = _shows(app, "topics", term.topic), ", ".join(term.also)
        yield PaletteEntry("term", term.name, act, term.topic, _number("topics"), also)
    for net in all_nets():
        act = _shows(app, "models", net.name)
        yield PaletteEntry("network", net.title, act, net.name, _number("models"))
    for exercise in exercises():
        title = f"Exercise {exercise.number}: {exercise.title}"
        act = _shows(app, "exercises", exercise.name)
        yield PaletteEntry("exercise", title, act, exercise.name, _number("exercises"))
    for demo in demos():
        act = _shows(app, "topics", f"demo:{demo.name}")
        yield PaletteEntry("demo", demo.title, act, demo.name, _number("topics"))
    for study in STUDIES:
        about = f"{study.name}: {study.question}"
        keys = f"{_number('training')} e"
        yield PaletteEntry("experiment", study.title, _tries(app, study.name), about, keys)
    for data in all_data_sets():
        act, about = _trains_on(app, data.name), f"{data.name}: start a run on it"
        yield PaletteEntry("data set", data.title, act, about, f"{_number('training')} n")
        if data.name != FOLDER:
            title, about = f"Data report: {data.name}", "Counts, sizes, duplicates and samples"
            keys = f"{_number('training')} d"
            yield PaletteEntry("data set", title, _reports_on(app, data.name), about, keys)


def _themes(app: "LabApp") -> Iterator[PaletteEntry]:
    for name in sorted(app.available_themes, key=lambda each: (not each.startswith("lab-"), each)):
        yield PaletteEntry("theme", name, _dresses(app, name))


def _number(pane: str) -> str:
    """The key that opens the pane where something is."""
    return str([each.id for each in PANES].index(pane) + 1)


def _declared(kind: type) -> Iterable[Binding]:
    return [each for each in vars(kind).get("BINDINGS", ()) if isinstance(each, Binding)]


def _is_worth_finding(binding: Binding) -> bool:
    name = binding.action.partition("(")[0].rpartition(".")[2]
    is_pane = name == "open_pane"
    return bool(binding.tooltip) and not binding.system and name not in MOVES and not is_pane


def _of_binding(binding: Binding, kind: str, act: Callable[[], Any]) -> PaletteEntry:
    key = binding.key_display or spelled(binding.key.split(",")[0])
    title = binding.description or binding.tooltip
    about = binding.tooltip if binding.description else ""
    return PaletteEntry(kind, title, act, about, key, ALSO.get(binding.id or "", ""))


def _runs(app: "LabApp", action: str, node: Any) -> Callable[[], Any]:
    return lambda: app.run_action(action, default_namespace=node)


def _opens(app: "LabApp", index: int, action: str = "") -> Callable[[], Any]:
    async def act() -> None:
        await app.action_open_pane(index)
        if action:
            await app.run_action(action, default_namespace=app.pane)

    return act


def _shows(app: "LabApp", pane: str, name: str) -> Callable[[], Any]:
    return lambda: app.open_item(pane, name)


def _tries(app: "LabApp", study: str) -> Callable[[], Any]:
    async def act() -> None:
        await app.action_open_pane([each.id for each in PANES].index("training"))
        app.pane.action_experiments(study)

    return act


def _trains_on(app: "LabApp", data: str) -> Callable[[], Any]:
    async def act() -> None:
        await app.action_open_pane([each.id for each in PANES].index("training"))
        app.pane.train_on(data)

    return act


def _reports_on(app: "LabApp", data: str) -> Callable[[], Any]:
    async def act() -> None:
        await app.action_open_pane([each.id for each in PANES].index("training"))
        app.pane.report_on(data)

    return act


def _dresses(app: "LabApp", theme: str) -> Callable[[], Any]:
    return lambda: app.choose_theme(theme)
