"""What each demo shows with its defaults, as it comes with the package: without torch.

``demo_results.jsonl.gz`` has a line for each demo, and for every step of its live parameters.
``python -m tests.shipped_data`` runs them and writes it; a test holds it equal to what the
demos show.
"""

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from cnn_tui.analysis.activations.records import Histogram
from cnn_tui.analysis.records import Picture
from cnn_tui.chapter.catalogue import DemoInfo, demo_info
from cnn_tui.chapter.records import (
    DemoBlock,
    DemoResult,
    Grid,
    Histograms,
    Plot,
    PlotCurve,
    Say,
    Table,
    Tiles,
)
from cnn_tui.chapter.run import checked_parameters
from cnn_tui.option_steps import step_values
from cnn_tui.options import OptionValue
from cnn_tui.workspace import find_or_none

FILE = Path(__file__).with_name("demo_results.jsonl.gz")


def shipped_result(name: str, parameters: Mapping[str, OptionValue]) -> DemoResult | None:
    """What the demo shows, marked as shipped; None where it has to run.

    It is known with the demo's defaults and the steps of its live parameters, unless the demo
    takes the last run and there may be one. Raises UsageError as ``run_demo`` does.
    """
    info = demo_info(name)
    values = checked_parameters(info, dict(parameters))
    line = _lines().get(_key(info, values))
    if line is None:
        return None
    if "run" in values and _may_have_runs():
        return None
    document = json.loads(line)
    blocks = tuple(map(_block, document["blocks"]))
    return DemoResult(info.name, info.title, values, blocks, document["figures"], shipped=True)


def shipped_parameters(info: DemoInfo) -> Iterator[dict[str, OptionValue]]:
    """With what the demo comes with the package: its defaults, and the steps of what is live."""
    defaults = checked_parameters(info, {})
    live = [each for each in info.parameters if each.name in info.live]
    yield defaults
    for values in product(*map(step_values, live)):
        stepped = defaults | dict(zip((each.name for each in live), values, strict=True))
        if stepped != defaults:
            yield stepped


def encode(results: Iterable[DemoResult]) -> str:
    """What the file holds, unpacked."""
    return "".join(
        f"{_key(demo_info(each.name), each.parameters)}\t{_encoded(each)}\n" for each in results
    )


def _key(info: DemoInfo, values: Mapping[str, OptionValue]) -> str:
    """The demo's name, and each value that is not its default."""
    changed = (
        f" {name}={value!r}"
        for name, default in checked_parameters(info, {}).items()
        if (value := values[name]) != default
    )
    return f"{info.name}{''.join(changed)}"


def _encoded(result: DemoResult) -> str:
    document = result.to_json()
    kept = {"figures": document["figures"], "blocks": document["blocks"]}
    return json.dumps(kept, separators=(",", ":"), ensure_ascii=False)


def _block(document: dict[str, Any]) -> DemoBlock:
    made = dict(document)
    return BLOCKS[made.pop("kind")](**{name: _tupled(value) for name, value in made.items()})


def _tupled(value: Any) -> Any:
    """Lists as tuples, at any depth."""
    if isinstance(value, dict):
        return {name: _tupled(each) for name, each in value.items()}
    return tuple(map(_tupled, value)) if isinstance(value, list) else value


def _tiles(
    title: str, side: int, channels: int, pixels: tuple[str, ...], labels: tuple[str, ...] = ()
) -> Tiles:
    rows = [bytes.fromhex(row) for row in pixels]
    picture = Picture(title, len(rows), len(rows[0]) // channels, channels, b"".join(rows))
    return Tiles(picture, side, labels)


def _plot(title: str, unit: str, curves: tuple[dict[str, Any], ...], log_y: bool) -> Plot:
    return Plot(title, unit, tuple(PlotCurve(**each) for each in curves), log_y)


def _histograms(title: str, histograms: tuple[dict[str, Any], ...]) -> Histograms:
    return Histograms(title, tuple(Histogram(**each) for each in histograms))


BLOCKS: dict[str, Callable[..., DemoBlock]] = {
    "say": Say,
    "grid": Grid,
    "table": Table,
    "tiles": _tiles,
    "plot": _plot,
    "histograms": _histograms,
}


def _may_have_runs() -> bool:
    space = find_or_none()
    return space is not None and space.runs.is_dir() and any(space.runs.iterdir())


@cache
def _lines() -> dict[str, str]:
    """Demo and parameters → the JSON that the file holds of them; nothing where it is missing."""
    try:
        text = gzip.decompress(FILE.read_bytes()).decode()
    except FileNotFoundError:
        return {}
    return dict(line.split("\t", 1) for line in text.splitlines())
