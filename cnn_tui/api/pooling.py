"""Pooling a map of numbers, and what a shift of the map does to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from cnn_tui.analysis.pooling import backward as pooling_backward
from cnn_tui.analysis.pooling.inputs import ArrayLike, array_input
from cnn_tui.analysis.pooling.named_inputs import InputMap
from cnn_tui.analysis.pooling.operators import choose
from cnn_tui.analysis.pooling.records import (
    PoolGradient,
    PoolResult,
    PoolSettings,
    TranslationResult,
)
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.api.arguments import text, whole
from cnn_tui.api.results import LabResult, as_result
from cnn_tui.engine import jobs
from cnn_tui.render.draw.notebook import FittedToWidth
from cnn_tui.render.pooling.backward import gradient_view
from cnn_tui.render.pooling.settings import heading
from cnn_tui.render.pooling.view import pool_view
from cnn_tui.render.translation import translation_view


@dataclass(frozen=True, repr=False)
class Pooled(LabResult, PoolResult):
    """A pooled map, with the fields of ``PoolResult``; ``source`` is what was pooled."""

    source: InputMap

    IN_BRIEF = ("kind", "input_size", "output_size")

    @property
    def kind(self) -> str:
        """The kind of pooling."""
        return self.settings.kind

    def __rich__(self) -> RenderableType:
        """Input, output and the arithmetic of a window, as ``cnn-lab pool`` prints them."""
        view = FittedToWidth(lambda width: pool_view(self, width=width))
        return _under_heading(self.source, self.settings, view)

    def shifted(self, rows: int, columns: int) -> "Shifted":
        """The same map pooled before and after a shift down and to the right.

        >>> import cnn_tui as lab
        >>> lab.pool("shifted").shifted(0, 1).changed_share
        0.25
        """
        result = jobs.translate(self.input, self.settings, (rows, columns))
        return as_result(Shifted, result, source=self.source)

    @property
    def indices(self) -> tuple[tuple[int, ...], ...]:
        """Where each maximum stood, as ``return_indices=True`` says it: row · width + column.

        >>> import cnn_tui as lab
        >>> lab.pool("chapter").indices
        ((5, 3), (8, 15))
        """
        return pooling_backward.indices(self)

    def unpool(self) -> NumberGrid:
        """What ``nn.MaxUnpool2d`` makes of the output and the indices.

        >>> import cnn_tui as lab
        >>> lab.pool([[1, 3], [5, 6]]).unpool()
        ((0.0, 0.0), (0.0, 6.0))
        """
        return pooling_backward.unpool(self)

    def backward(
        self, gradient: "Sequence[Sequence[float]] | ArrayLike | None" = None
    ) -> "PooledGradient":
        """Where the gradient of the output goes; it is 1 for each output if not given.

        >>> import cnn_tui as lab
        >>> lab.pool([[1, 3], [5, 6]], "avg").backward().gradient
        ((0.25, 0.25), (0.25, 0.25))
        """
        upstream = None if gradient is None else array_input(gradient, "gradient").grid
        found = pooling_backward.backward(self, upstream)
        return as_result(PooledGradient, found, source=self.source)


@dataclass(frozen=True, repr=False)
class PooledGradient(LabResult, PoolGradient):
    """The way back through a pooling, with the fields of ``PoolGradient``."""

    source: InputMap

    IN_BRIEF = ("gradient",)

    def __rich__(self) -> RenderableType:
        """The map and its gradient, as ``cnn-lab pool --backward`` prints them."""
        view = FittedToWidth(lambda width: gradient_view(self, width=width))
        return _under_heading(self.source, self.result.settings, view)


@dataclass(frozen=True, repr=False)
class Shifted(LabResult, TranslationResult):
    """A map pooled before and after a shift, with the fields of ``TranslationResult``."""

    source: InputMap

    IN_BRIEF = ("shift", "changed_share")

    def __rich__(self) -> RenderableType:
        """Both maps and both outputs, as ``cnn-lab pool --shift`` prints them."""
        view = FittedToWidth(lambda width: translation_view(self, width=width))
        return _under_heading(self.source, self.settings, view)


def pool(
    image: "str | Path | Sequence[Sequence[float]] | ArrayLike" = "chapter",
    kind: str = "max",
    kernel_size: int | None = None,
    stride: int | None = None,
    padding: int | None = None,
    *,
    dilation: int | None = None,
    ceil_mode: bool = False,
    count_include_pad: bool | None = None,
    norm_type: float | None = None,
    output_size: int | tuple[int, int] | None = None,
    channel: str | int | None = None,
    workspace: str | Path | None = None,
    data_dir: str | Path | None = None,
) -> Pooled:
    """Pool one map, and show its windows, its numbers and the arithmetic.

    ``image`` is a map by name (chapter, edges, checkerboard, gradient, shifted), an image
    (digits#17, a file) of which ``channel`` is taken, ``run:RUN:LAYER``, a text file (CSV, a
    printed tensor), ``.npy``, ``.npz:NAME`` or ``.pt:NAME``, or numbers: nested lists, a 2-D
    tensor or array. ``kind`` is max, avg, lp, global-max, global-avg,
    adaptive-max or adaptive-avg. A window has 2×2 cells if not given, and steps by its own size.

    >>> import cnn_tui as lab
    >>> lab.pool([[1, 3, 2, 4], [5, 6, 1, 2]]).output
    ((6.0, 4.0),)
    >>> lab.pool("chapter", "avg", kernel_size=3, stride=1).output_size
    (2, 2)
    """
    settings = choose(
        text(kind, "kind", "max"),
        kernel_size=whole(kernel_size, "kernel_size", 1),
        stride=whole(stride, "stride", 1),
        padding=whole(padding, "padding"),
        dilation=whole(dilation, "dilation", 1),
        ceil_mode=ceil_mode or None,
        count_include_pad=count_include_pad,
        norm_type=norm_type,
        output_size=output_size,
    )
    if isinstance(image, str | Path):
        source = jobs.pool_input(
            str(image),
            None if channel is None else str(channel),
            None if workspace is None else Path(workspace),
            None if data_dir is None else Path(data_dir),
        )
    else:
        source = array_input(image)
    return as_result(Pooled, jobs.pool(source.grid, settings), source=source)


def _under_heading(
    source: InputMap, settings: PoolSettings, view: RenderableType
) -> RenderableType:
    return Group(heading(source.name, source.title, settings), Text(), view)
