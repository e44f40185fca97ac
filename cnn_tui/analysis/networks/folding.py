"""A summary's modules as a tree, in which alike neighbors are one block that repeats.

Torch-free. Two blocks are alike when everything about them is the same but
their names, what they see of the image and how long they took.
"""

import string
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

from cnn_tui.analysis.networks.records import LayerSummary

DIGITS = string.digits


@dataclass(frozen=True)
class LayerGroup:
    """``count`` neighbors that are alike: the first and the last, and what is in the first.

    ``seconds`` is what they took together, the one thing in which they differ.
    """

    first: LayerSummary
    last: LayerSummary
    count: int
    inside: tuple["LayerGroup", ...]
    seconds: float | None


@dataclass(frozen=True)
class FoldedRow:
    """One line of a folded table.

    ``module`` is what the line shows: where ``count`` blocks are alike, their
    sums, and the output and the view of the last of them. ``label`` is its name
    below its parent, ``each`` says that it lies in a block that repeats.
    """

    module: LayerSummary
    label: str
    count: int = 1
    each: bool = False


def folded_rows(
    modules: Sequence[LayerSummary], *, depth: int | None = None, unfold: bool = False
) -> Iterator[FoldedRow]:
    """The lines of a table, in forward order, down to ``depth`` levels.

    ``unfold`` shows every block, however often it repeats.
    """
    yield from _rows(fold(modules, unfold=unfold), "", depth, each=False)


def fold(modules: Sequence[LayerSummary], *, unfold: bool = False) -> tuple[LayerGroup, ...]:
    """The modules as blocks within blocks; ``unfold`` keeps alike neighbors apart."""
    kinds: dict[Hashable, int] = {}
    open_blocks: list[_Open] = [_Open(None, [])]
    for module in modules:
        while module.depth < len(open_blocks) - 1:
            _close(open_blocks, kinds, unfold)
        open_blocks.append(_Open(module, []))
    while len(open_blocks) > 1:
        _close(open_blocks, kinds, unfold)
    return tuple(block for block, _ in open_blocks[0].inside)


@dataclass
class _Open:
    """A module whose inside is still being read: blocks with the number of their kind."""

    module: LayerSummary | None
    inside: list[tuple[LayerGroup, int]]


def _close(open_blocks: list[_Open], kinds: dict[Hashable, int], unfold: bool) -> None:
    closed, siblings = open_blocks.pop(), open_blocks[-1].inside
    module = closed.module
    if module is None:
        return
    inside = tuple((block.count, kind) for block, kind in closed.inside)
    kind = kinds.setdefault((_looks(module), inside), len(kinds))
    if siblings and siblings[-1][1] == kind and not unfold:
        before = siblings.pop()[0]
        seconds = _together(before.seconds, module.seconds)
        block = LayerGroup(before.first, module, before.count + 1, before.inside, seconds)
    else:
        inner = tuple(block for block, _ in closed.inside)
        block = LayerGroup(module, module, 1, inner, module.seconds)
    siblings.append((block, kind))


def _together(some: float | None, more: float | None) -> float | None:
    return None if some is None or more is None else some + more


def _looks(module: LayerSummary) -> Hashable:
    return (
        module.type,
        module.is_leaf,
        module.output_shape,
        module.parameters,
        module.trainable,
        module.macs,
        module.activations,
        module.window,
        module.work,
        module.reused,
        module.type == "function" and module.name.rpartition(".")[2],
    )


def _rows(
    blocks: Sequence[LayerGroup], parent: str, depth: int | None, *, each: bool
) -> Iterator[FoldedRow]:
    for block in blocks:
        if depth is not None and block.first.depth >= depth:
            continue
        yield FoldedRow(_sum(block), _label(block, parent), block.count, each)
        yield from _rows(block.inside, block.first.name, depth, each=each or block.count > 1)


def _label(block: LayerGroup, parent: str) -> str:
    """``1–3`` for the blocks ``layer1.1`` to ``layer1.3`` in ``layer1``."""
    first = _below(block.first.name, parent)
    if block.count == 1 or block.first.name == block.last.name:
        return first
    last = _below(block.last.name, parent)
    stem = first.rstrip(DIGITS)
    is_numbered = last.rstrip(DIGITS) == stem and last != stem
    return f"{first}–{last.removeprefix(stem) if is_numbered else last}"


def _below(name: str, parent: str) -> str:
    return name.removeprefix(f"{parent}.") if parent else name


def _sum(block: LayerGroup) -> LayerSummary:
    if block.count == 1:
        return block.first
    parameters = 1 if block.first.reused else block.count
    return replace(
        block.last,
        parameters=block.first.parameters * parameters,
        trainable=block.first.trainable * parameters,
        macs=block.first.macs * block.count,
        activations=block.first.activations * block.count,
        seconds=block.seconds,
        estimate=block.first.estimate and block.first.estimate * block.count,
        **{name: value * block.count for name, value in block.first.work._asdict().items()},
    )
