"""The catalogue's summaries at their usual input, as they come with the package: without torch.

``summaries.jsonl.gz`` has a line for each network. ``python -m tests.shipped_data`` computes
and writes it; a test holds it equal to what torch computes.
"""

import gzip
import json
from collections.abc import Iterable
from dataclasses import asdict, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from cnn_tui.analysis.networks.records import LayerSummary, NetSummary
from cnn_tui.analysis.records import Shape
from cnn_tui.nets.specs import NetSpec

FILE = Path(__file__).with_name("summaries.jsonl.gz")
COLUMNS = tuple(each.name for each in fields(LayerSummary) if each.name != "seconds")
SHAPES = ("input_shape", "output_shape", "window")
"""Fields that are tuples, of which JSON makes lists."""


def shipped_summary(spec: NetSpec, input_shape: Shape | None = None) -> NetSummary | None:
    """The layers of a network, or None where they have to be computed.

    They are known of the lab's own networks with their usual options and input.
    """
    if spec.is_own or spec.settings != spec.info.defaults:
        return None
    info = spec.info
    if input_shape not in (None, (info.in_channels, info.image_size, info.image_size)):
        return None
    line = _lines().get(info.name)
    return None if line is None else replace(_decoded(line), net=str(spec), title=info.title)


def encode(summaries: Iterable[NetSummary]) -> str:
    """What the file holds, unpacked."""
    return "".join(f"{each.net}\t{_encoded(each)}\n" for each in summaries)


def _encoded(summary: NetSummary) -> str:
    document = asdict(summary)
    for name in ("net", "title", "total_seconds"):
        del document[name]
    document["modules"] = [[each[name] for name in COLUMNS] for each in document["modules"]]
    return json.dumps(document, separators=(",", ":"))


def _decoded(line: str) -> NetSummary:
    document = json.loads(line)
    modules = tuple(
        LayerSummary(**_with_tuples(dict(zip(COLUMNS, each, strict=True))))
        for each in document.pop("modules")
    )
    return NetSummary(net="", title="", modules=modules, **_with_tuples(document))


def _with_tuples(values: dict[str, object]) -> dict[str, Any]:
    for name in SHAPES:
        if isinstance(value := values.get(name), list):
            values[name] = tuple(value)
    return values


@cache
def _lines() -> dict[str, str]:
    """Name → what the file holds of that network; nothing where there is no such file."""
    try:
        text = gzip.decompress(FILE.read_bytes()).decode()
    except FileNotFoundError:
        return {}
    return dict(line.split("\t", 1) for line in text.splitlines())
