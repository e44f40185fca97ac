"""What the Pooling pane shows, and how the keys change it: values, free of any widget.

What cannot be done raises UsageError, whose sentence says why.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from cnn_tui.analysis.pooling.comparison import others, shifted_by_one
from cnn_tui.analysis.pooling.grid_text import parse_cell, with_cell
from cnn_tui.analysis.pooling.named_inputs import INPUTS, InputMap
from cnn_tui.analysis.pooling.operators import KINDS, check_settings, pool, with_kind
from cnn_tui.analysis.pooling.records import (
    POOL_OPTIONS,
    GridPosition,
    PoolResult,
    PoolSettings,
    TranslationResult,
)
from cnn_tui.analysis.pooling.translation import translation
from cnn_tui.errors import UsageError
from cnn_tui.render.draw.grid_view import Edit
from cnn_tui.render.pooling.settings import TITLES
from cnn_tui.render.pooling.view import INPUT

NORM_TYPES = (1.0, 2.0, 3.0, 4.0)
LARGEST_DILATION = 4
OF_NUMBERS = frozenset("0123456789.+-e")
LONGEST_NUMBER = 8

Moves = Literal["window", "map", "cell"]
PoolingView = Literal["windows", "gradient", "unpooling"]
VIEWS: tuple[PoolingView, ...] = get_args(PoolingView)
"""What is shown beside the map: its output, its gradient, or what unpooling gives back."""


@dataclass(frozen=True)
class Editing:
    """The input cell that is being edited, and what was typed so far."""

    row: int
    column: int
    typed: str = ""


@dataclass(frozen=True)
class PoolingQuestion:
    """What the engine is to pool; with ``shift``, before and after the map is shifted."""

    input: InputMap = INPUTS[0]
    settings: PoolSettings = PoolSettings()  # noqa: RUF009 (frozen)
    shift: GridPosition | None = None


@dataclass(frozen=True)
class PoolingAnswer:
    """What came out of pooling the map of ``question``.

    ``moved`` comes of the map shifted by one column, ``others`` of other kinds of pooling.
    """

    question: PoolingQuestion
    result: PoolResult
    moved: PoolResult | None = None
    others: tuple[PoolResult, ...] = ()

    @property
    def input(self) -> InputMap:
        """The map."""
        return self.question.input


def answer_to(question: PoolingQuestion) -> PoolingAnswer:
    """Pool the map; raises UsageError where its settings do not fit it."""
    grid, settings = question.input.grid, question.settings
    return PoolingAnswer(
        question,
        pool(grid, settings),
        shifted_by_one(grid, settings),
        others(grid, settings),
    )


def comparison_for(question: PoolingQuestion) -> TranslationResult:
    """The map before and after it is shifted, and what a shift by one cell does."""
    shift = question.shift or (0, 1)
    return translation(question.input.grid, question.settings, shift)


@dataclass(frozen=True)
class PoolingState:
    """What is asked, what was answered last, and where the window and the editor are.

    ``opened`` is what the learner has opened last, which may have more channels.
    ``translation`` is that of the question ``compared``, which may be an earlier one.
    """

    question: PoolingQuestion = PoolingQuestion()
    answer: PoolingAnswer | None = None
    translation: TranslationResult | None = None
    compared: PoolingQuestion | None = None
    cursor: GridPosition = (0, 0)
    editing: Editing | None = None
    opened: str | None = None
    chosen_view: PoolingView = "windows"

    @property
    def view(self) -> PoolingView:
        """What is shown; only max pooling can be undone."""
        is_lacking = self.chosen_view == "unpooling" and self.settings.kind != "max"
        return "gradient" if is_lacking else self.chosen_view

    @property
    def settings(self) -> PoolSettings:
        """How it is pooled."""
        return self.question.settings

    @property
    def moves(self) -> Moves:
        """What the arrows move."""
        if self.editing is not None:
            return "cell"
        return "window" if self.question.shift is None else "map"

    @property
    def can_leave(self) -> bool:
        """Whether a cell is being edited, the map shifted, or the way back shown."""
        is_back = self.view != "windows"
        return self.editing is not None or self.question.shift is not None or is_back

    @property
    def edit_mark(self) -> Edit | None:
        """How the cell that is being edited is drawn."""
        editing = self.editing
        return None if editing is None else Edit(editing.row, editing.column, editing.typed or None)

    def clicked(self, field: str, step: int) -> "PoolingState":
        """An option was clicked: one step down or up, or the other way round."""
        if field in ("kernel_size", "stride"):
            return self.stepped(field, step)
        if field == "output_size":
            return self.stepped("kernel_size", step)
        if field in ("ceil_mode", "count_include_pad"):
            return self.switched(field)
        self._check_takes(field)
        value = getattr(self.settings, field) + step
        least = 0 if field == "padding" else 1
        return self if value < least else self._with(**{field: value})

    def answered(self, answer: PoolingAnswer) -> "PoolingState":
        """The window stays on the map; shifted maps stay until there are others."""
        cursor = _inside(self.cursor, answer.result.output_size)
        return replace(self, answer=answer, cursor=cursor)

    def translated(self, question: PoolingQuestion, found: TranslationResult) -> "PoolingState":
        """What a shift does, where ``question`` is still what is asked."""
        if question != self.question:
            return self
        return replace(self, translation=found, compared=question)

    def next_kind(self) -> "PoolingState":
        """The next kind of pooling."""
        following = KINDS[(KINDS.index(self.settings.kind) + 1) % len(KINDS)]
        return self._pooled(with_kind(self.settings, following))

    def stepped(self, field: str, step: int) -> "PoolingState":
        """``kernel_size`` or ``stride`` one larger or smaller; adaptive kinds: the output."""
        settings = self.settings
        if settings.kind.startswith("adaptive") and field == "kernel_size":
            rows, columns = settings.output_size
            return self._with(output_size=(max(1, rows + step), max(1, columns + step)))
        self._check_takes(field)
        changed: dict[str, Any] = {field: max(1, getattr(settings, field) + step)}
        most = _most_padding(replace(settings, **changed))
        return self._with(**changed, padding=min(settings.padding, most))

    def more_padding(self) -> "PoolingState":
        """One more cell of padding, up to what the window allows; then none."""
        self._check_takes("padding")
        return self._with(padding=(self.settings.padding + 1) % (_most_padding(self.settings) + 1))

    def next_dilation(self) -> "PoolingState":
        """The next dilation, then none again."""
        self._check_takes("dilation")
        return self._with(dilation=self.settings.dilation % LARGEST_DILATION + 1)

    def next_norm(self) -> "PoolingState":
        """The next p."""
        self._check_takes("norm_type")
        larger = (each for each in NORM_TYPES if each > self.settings.norm_type)
        return self._with(norm_type=next(larger, NORM_TYPES[0]))

    def switched(self, field: str) -> "PoolingState":
        """``ceil_mode`` or ``count_include_pad`` on or off."""
        self._check_takes(field)
        return self._with(**{field: not getattr(self.settings, field)})

    def next_view(self) -> "PoolingState":
        """The way back, then what unpooling makes of max pooling, then the windows again."""
        views = VIEWS if self.settings.kind == "max" else VIEWS[:2]
        following = views[(views.index(self.view) + 1) % len(views)]
        return replace(self, chosen_view=following)

    def next_input(self) -> "PoolingState":
        """The next named map."""
        shown = self.question.input
        place = INPUTS.index(shown) if shown in INPUTS else -1
        return self.taking(INPUTS[(place + 1) % len(INPUTS)])

    def taking(self, chosen: InputMap) -> "PoolingState":
        """Another map; settings that do not fit it are forgotten, but for the kind."""
        settings = self.settings
        try:
            check_settings(chosen.grid, settings)
        except UsageError:
            settings = PoolSettings(kind=settings.kind)
        return replace(self, question=replace(self.question, input=chosen, settings=settings))

    def opening(self, spec: str, opened: InputMap) -> "PoolingState":
        """A map that the learner has asked for."""
        return replace(self.taking(opened), opened=spec)

    def toggled_shift(self) -> "PoolingState":
        """From the window to the shifted map and back."""
        question = self.question
        shift = question.input.shift or (0, 1) if question.shift is None else None
        return replace(self, editing=None, question=replace(question, shift=shift))

    def moved(self, rows: int, columns: int) -> "PoolingState":
        """The cell that is edited, the map, or the window, moved by so much."""
        if self.answer is None:
            return self
        result = self.answer.result
        if self.editing is not None:
            place = (self.editing.row + rows, self.editing.column + columns)
            return replace(self, editing=Editing(*_inside(place, result.input_size)))
        if self.question.shift is not None:
            height, width = result.input_size
            down, right = self.question.shift
            shift = (
                min(max(down + rows, 1 - height), height - 1),
                min(max(right + columns, 1 - width), width - 1),
            )
            return replace(self, question=replace(self.question, shift=shift))
        row, column = self.cursor
        return replace(self, cursor=_inside((row + rows, column + columns), result.output_size))

    def pointed(self, name: str, cell: GridPosition) -> "PoolingState":
        """A cell was clicked: the window goes there, and the editor to a cell of the input."""
        if self.answer is None or self.question.shift is not None:
            return self
        if self.editing is not None and name == INPUT:
            place = _inside(cell, self.answer.result.input_size)
            return replace(self, editing=Editing(*place))
        if name == INPUT:
            cell = self.answer.result.window_over(cell)
        return replace(self, cursor=_inside(cell, self.answer.result.output_size))

    def edited(self) -> "PoolingState":
        """The first cell of the window is edited; a cell that is takes what was typed."""
        if self.answer is None or self.question.shift is not None:
            return self
        if self.editing is None:
            window = self.answer.result.window(*self.cursor)
            return replace(self, editing=Editing(window.rows[0], window.columns[0]))
        return self._with_typed(self.editing) if self.editing.typed else self.left()

    def typing(self, key: str | None) -> "PoolingState":
        """One character more in the cell that is edited, or with ``backspace`` one less."""
        if self.editing is None:
            return self
        typed = self.editing.typed
        if key == "backspace":
            typed = typed[:-1]
        elif key in OF_NUMBERS and len(typed) < LONGEST_NUMBER:
            typed += key
        return replace(self, editing=replace(self.editing, typed=typed))

    def left(self) -> "PoolingState":
        """The cell as it was, or the windows in place of the shifted maps and of the way back."""
        if self.editing is not None:
            return replace(self, editing=None)
        if self.question.shift is None:
            return replace(self, chosen_view="windows")
        return replace(self, question=replace(self.question, shift=None))

    def _with_typed(self, editing: Editing) -> "PoolingState":
        value = parse_cell(editing.typed)
        shown = self.question.input
        grid = with_cell(shown.grid, editing.row, editing.column, value)
        title = f"{shown.title.removesuffix(', edited')}, edited"
        question = replace(self.question, input=InputMap(shown.name, title, grid))
        return replace(self, question=question, editing=replace(editing, typed=""))

    def _with(self, **changed: Any) -> "PoolingState":
        return self._pooled(replace(self.settings, **changed))

    def _pooled(self, settings: PoolSettings) -> "PoolingState":
        check_settings(self.question.input.grid, settings)
        return replace(self, question=replace(self.question, settings=settings))

    def _check_takes(self, field: str) -> None:
        if field not in POOL_OPTIONS[self.settings.kind]:
            kind = TITLES[self.settings.kind]
            raise UsageError(f"{kind} takes no {field.replace('_', ' ')}: m takes another kind.")


def _most_padding(settings: PoolSettings) -> int:
    return settings.kernel_size // 2


def _inside(place: GridPosition, size: tuple[int, int]) -> GridPosition:
    """The nearest cell to ``place`` in a grid of that size."""
    (row, column), (height, width) = place, size
    return min(max(row, 0), height - 1), min(max(column, 0), width - 1)
