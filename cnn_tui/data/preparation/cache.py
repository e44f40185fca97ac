"""Prepared data sets, each in one memory-mapped file: made once, by one process, or not at all."""

import json
import os
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from cnn_tui.data.dataset import Prepared, Split
from cnn_tui.data.paths import CACHE_VERSION, refusal
from cnn_tui.data.records import PreparationStep, ProgressCallback, Remark, SkippedFile
from cnn_tui.data.tensorfile import write_tensors
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
                progress(Remark(f"The cache {cache} was damaged, and is made anew."))
            _sweep(cache)
            prepared = make()
            _write(cache, name, fingerprint, prepared)
            return prepared
    except OSError as error:
        raise refusal(cache.parent, error) from error


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
            split = {
                part: Split(file.get_tensor(f"{part}_images"), file.get_tensor(f"{part}_labels"))
                for part in ("train", "test")
            }
            prepared = Prepared(
                classes=tuple(json.loads(facts["classes"])),
                train=split["train"],
                test=split["test"],
                mean=tuple(json.loads(facts["mean"])),
                std=tuple(json.loads(facts["std"])),
                skipped=tuple(SkippedFile(*pair) for pair in json.loads(facts["skipped"])),
            )
    except (OSError, SafetensorError, KeyError, ValueError, TypeError):
        return _Damaged()
    return prepared if _is_sound(prepared) else _Damaged()


def _is_sound(prepared: Prepared) -> bool:
    """Whether every image has a label of a class: on a GPU, one that has none ends the process."""
    for part in (prepared.train, prepared.test):
        images, labels = part.images, part.labels
        if images.dtype != torch.uint8 or images.ndim != 4 or len(images) != len(labels):
            return False
        if labels.dtype != torch.int64 or labels.ndim != 1 or not len(labels):
            return False
        if int(labels.min()) < 0 or int(labels.max()) >= len(prepared.classes):
            return False
    return prepared.train.images.shape[1] == len(prepared.mean) == len(prepared.std)


def _sweep(cache: Path) -> None:
    """Remove what a process that was killed while it wrote has left; the lock is ours."""
    for left in cache.parent.glob(f".{cache.name}.*.tmp"):
        left.unlink(missing_ok=True)


def _write(cache: Path, name: str, fingerprint: str, prepared: Prepared) -> None:
    tensors = {
        "train_images": prepared.train.images,
        "train_labels": prepared.train.labels,
        "test_images": prepared.test.images,
        "test_labels": prepared.test.labels,
    }
    facts = {
        "version": CACHE_VERSION,
        "name": json.dumps(name),
        "fingerprint": fingerprint,
        "classes": json.dumps(prepared.classes),
        "mean": json.dumps(prepared.mean),
        "std": json.dumps(prepared.std),
        "skipped": json.dumps([astuple(each) for each in prepared.skipped]),
    }
    write_tensors(cache, tensors, facts)
