"""Prepared data sets, each in one memory-mapped file: made once, by one process, or not at all."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from cnn_tui.data.dataset import Prepared, Split
from cnn_tui.data.paths import CACHE_VERSION, refusal
from cnn_tui.data.records import BYTE_SCALE, PreparationStep, ProgressCallback, Remark, SkippedFile
from cnn_tui.data.tensorfile import write_large
from cnn_tui.errors import UsageError
from cnn_tui.processes import alone


def kept(
    cache: Path,
    name: str,
    fingerprint: str,
    make: Callable[[], Prepared],
    progress: ProgressCallback,
) -> Prepared:
    """The data set in ``cache``; where it is not there, what ``make`` gives, then kept there.

    ``fingerprint`` tells whether a cache still holds. Reading needs no more than
    to read; where two processes come to make the same, the second waits and
    reads. Raises UsageError where nothing can be kept there.
    """
    found = _read(cache, fingerprint)
    if isinstance(found, Prepared):
        return found
    waiting = PreparationStep("waiting for another process")
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        with alone(cache.with_name(f".{cache.name}.lock"), lambda: progress(waiting)):
            found = _read(cache, fingerprint)
            if isinstance(found, Prepared):
                return found
            if isinstance(found, _Damaged):
                progress(Remark(f"The cache {cache} was damaged, and is made again."))
            _sweep(cache)
            prepared = make()
            _write(cache, name, fingerprint, prepared)
            return prepared
    except OSError as error:
        raise refusal(cache.parent, error, cache) from error


class _Damaged:
    """A cache that another version or another program wrote, or that lost a part of itself."""


def _read(cache: Path, fingerprint: str) -> Prepared | _Damaged | None:
    """What the cache holds; None where there is none, or it is of other files."""
    if not cache.exists():
        return None
    if not os.access(cache, os.R_OK):
        raise UsageError(
            f"You may not read {cache}: ask whoever prepared it, or name another folder for data "
            "sets.",
            fields=("data_dir",),
        )
    try:
        with safe_open(cache, framework="pt") as file:
            facts = file.metadata() or {}
            if (facts["version"], facts["fingerprint"]) != (CACHE_VERSION, fingerprint):
                return None
            prepared = Prepared(
                classes=tuple(json.loads(facts["classes"])),
                train=_read_part(file, "train"),
                test=_read_part(file, "test"),
                mean=tuple(json.loads(facts["mean"])),
                std=tuple(json.loads(facts["std"])),
                skipped=tuple(SkippedFile(*pair) for pair in json.loads(facts["skipped"])),
                scale=json.loads(facts.get("scale", str(BYTE_SCALE))),
                val=_read_part(file, "val") if "val_images" in file.keys() else None,  # noqa: SIM118
                remarks=tuple(json.loads(facts.get("remarks", "[]"))),
            )
    except (OSError, SafetensorError, KeyError, ValueError, TypeError):
        return _Damaged()
    return prepared if _is_sound(prepared) else _Damaged()


def _read_part(file: Any, part: str) -> Split:
    present = set(file.keys())
    files, digests = (
        _as_texts(file.get_tensor(f"{part}_{kind}")) if f"{part}_{kind}" in present else ()
        for kind in ("files", "digests")
    )
    images, labels = file.get_tensor(f"{part}_images"), file.get_tensor(f"{part}_labels")
    return Split(images, labels, files, digests)


def _is_sound(prepared: Prepared) -> bool:
    """Whether every image has a label of a class: on a GPU, one that has none ends the process."""
    others = (prepared.test,) if prepared.val is None else (prepared.val, prepared.test)
    if not len(prepared.train) or not any(map(len, others)):
        return False
    if not all(_is_sound_part(part, len(prepared.classes)) for part in (prepared.train, *others)):
        return False
    return prepared.train.images.shape[1] == len(prepared.mean) == len(prepared.std)


def _is_sound_part(part: Split, classes: int) -> bool:
    images, labels = part.images, part.labels
    if images.dtype != torch.uint8 or images.ndim != 4 or len(images) != len(labels):
        return False
    if labels.dtype != torch.int64 or labels.ndim != 1:
        return False
    if any(len(texts) not in (0, len(labels)) for texts in (part.files, part.digests)):
        return False
    return not len(labels) or (int(labels.min()) >= 0 and int(labels.max()) < classes)


def _sweep(cache: Path) -> None:
    """Remove what a process that was killed while it wrote has left; the lock is ours."""
    for left in cache.parent.glob(f".{cache.name}.*.tmp"):
        left.unlink(missing_ok=True)


def _write(cache: Path, data: str, fingerprint: str, prepared: Prepared) -> None:
    parts = {"train": prepared.train, "val": prepared.val, "test": prepared.test}
    tensors: dict[str, Tensor] = {}
    for name, split in parts.items():
        if split is not None:
            tensors |= {f"{name}_{kind}": each for kind, each in _tensors(split)}
    facts = {
        "version": CACHE_VERSION,
        "name": json.dumps(data),
        "fingerprint": fingerprint,
        "classes": json.dumps(prepared.classes),
        "mean": json.dumps(prepared.mean),
        "std": json.dumps(prepared.std),
        "skipped": json.dumps([astuple(each) for each in prepared.skipped]),
        "scale": json.dumps(prepared.scale),
        "remarks": json.dumps(prepared.remarks),
    }
    write_large(cache, tensors, facts)


def _tensors(split: Split) -> Iterator[tuple[str, Tensor]]:
    yield "images", split.images
    yield "labels", split.labels
    for kind, texts in (("files", split.files), ("digests", split.digests)):
        if texts:
            yield kind, _as_tensor(texts)


def _as_tensor(texts: Sequence[str]) -> Tensor:
    """Texts as bytes, each ended by a NUL: the header of a file has no room for a million."""
    joined = "".join(f"{text}\0" for text in texts).encode(errors="surrogateescape")
    return torch.frombuffer(bytearray(joined), dtype=torch.uint8)


def _as_texts(tensor: Tensor) -> tuple[str, ...]:
    joined = tensor.numpy().tobytes().decode(errors="surrogateescape")
    return tuple(joined.split("\0")[:-1])
