"""Summaries that come with the package: without torch.

``summaries.jsonl.gz`` has a line for each network of the catalogue with its usual options and
input, and for what the topics quote besides. ``python -m tests.shipped_data`` computes and
writes it; tests hold it equal to what torch computes, and complete.
"""

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from cnn_tui.analysis.networks.input_specs import NetInputs
from cnn_tui.analysis.networks.records import TESTED, LayerSummary, NetNote, NetSummary
from cnn_tui.analysis.networks.work_records import BytesAtBatch, KindWork, MemoryUse
from cnn_tui.analysis.records import Shape
from cnn_tui.nets.specs import NetSpec, parse

FILE = Path(__file__).with_name("summaries.jsonl.gz")
COLUMNS = tuple(
    each.name for each in fields(LayerSummary) if each.name not in ("seconds", "estimate")
)
SHAPES = ("input_shape", "output_shape", "window")
"""Fields that are tuples, of which JSON makes lists."""
QUOTED: tuple[tuple[str, Shape | None], ...] = (
    ("lenet5,activation=tanh", None),
    ("lenet5,activation=tanh", (1, 32, 32)),
    ("alexnet,lrn=true", None),
    ("vgg16,batch_norm=true", None),
    ("resnet18,stem=cifar", None),
    ("resnet18,stem=cifar", (3, 32, 32)),
)
"""What the topics quote with other options than the usual ones, and with which input."""


def shipped_summary(
    spec: NetSpec, inputs: NetInputs | Sequence[int] | None = None
) -> NetSummary | None:
    """The layers of a network, or None where they have to be computed.

    They are known of the lab's own networks with their usual options and input, and of
    what is QUOTED. Raises UsageError where such a network is given anything but images.
    """
    if spec.is_own:
        return None
    info = spec.info
    native = (info.in_channels, info.image_size, info.image_size)
    given = NetInputs.of(native if inputs is None else inputs)
    shape = given.image_of(info.title, native)
    line = None if given.batch else _lines().get(_key(spec, shape))
    return None if line is None else replace(_decoded(line), net=str(spec), title=info.title)


def encode(summaries: Iterable[NetSummary]) -> str:
    """What the file holds, unpacked."""
    return "".join(
        f"{_key(parse(each.net), each.input_shape)}\t{_encoded(each)}\n" for each in summaries
    )


def _key(spec: NetSpec, shape: Shape) -> str:
    """What is the same for every spelling of a network and an input: ``vgg16 3,224,224``."""
    info = spec.info
    changed = [each for each in spec.settings.items() if each[1] != info.defaults[each[0]]]
    return f"{NetSpec(info.name, tuple(sorted(changed)))} {','.join(map(str, shape))}"


def _encoded(summary: NetSummary) -> str:
    document = asdict(summary)
    for name in ("net", "title", "total_seconds", "inputs", "batch", "real_run"):
        del document[name]
    document["modules"] = [[each[name] for name in COLUMNS] for each in document["modules"]]
    return json.dumps(document, separators=(",", ":"))


def _decoded(line: str) -> NetSummary:
    document = json.loads(line)
    modules = tuple(
        LayerSummary(**_with_tuples(dict(zip(COLUMNS, each, strict=True))))
        for each in document.pop("modules")
    )
    given = _with_tuples(document)
    given["kinds"] = tuple(KindWork(**each) for each in given["kinds"])
    given["memory"] = _memory(given["memory"])
    inputs = NetInputs.of(given["input_shape"]).specs
    given["notes"] = tuple(NetNote(**each) for each in given["notes"])
    return NetSummary(net="", title="", modules=modules, inputs=inputs, real_run=TESTED, **given)


def _memory(document: dict[str, Any]) -> MemoryUse:
    lines = {name: each and BytesAtBatch(**each) for name, each in document.items()}
    return MemoryUse(**lines)


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
