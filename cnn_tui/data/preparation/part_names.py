"""What folders are called that hold a part of a data set: all usual spellings."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

PartRole = Literal["train", "val", "test"]

WORDS: Mapping[PartRole, str] = {"train": "training", "val": "validation", "test": "test"}
"""What the images of a part are called."""

SPELLINGS: dict[str, PartRole] = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "validate", "dev"), "val"),
    **dict.fromkeys(("test", "testing", "tst", "eval", "evaluation"), "test"),
}
"""In lower case."""

CLASSES_TOO = frozenset(("train", "valid"))
"""Spellings that are classes as well (train and bus, valid and invalid) if they look like one."""

BETWEEN_WORDS = re.compile(r"[ _.-]+|(?<=[a-z])(?=\d)")
GENERIC = re.compile(r"(set|data|split|images?|imgs?)$")
"""What may follow a spelling, as in ``Training Set``, ``testdata`` or ``test_images``."""


def roles_of(names: Sequence[str]) -> dict[str, PartRole]:
    """The folders of ``names`` that hold a part, by their names alone.

    With other words beside the spelling, as in ``seg_train`` or ``val2017``, they do so only
    in company: ``bullet_train`` is a class, unless there is ``bullet_test``.
    """
    alike: dict[tuple[str, ...], dict[str, PartRole]] = defaultdict(dict)
    for name in names:
        for role, rest in _readings(name):
            alike[rest][name] = role
    found = dict(alike.pop((), {}))
    for group in alike.values():
        if len(set(group.values())) > 1:
            found |= {name: role for name, role in group.items() if name not in found}
    return {name: found[name] for name in names if name in found}


def names_a_class_too(name: str) -> bool:
    """Whether a class may well be called so."""
    return name.casefold() in CLASSES_TOO


def _readings(name: str) -> Iterator[tuple[PartRole, tuple[str, ...]]]:
    """The parts that a name may mean, each with the words beside it."""
    words = [GENERIC.sub("", word) for word in BETWEEN_WORDS.split(name.casefold())]
    for place, word in enumerate(words):
        if word in SPELLINGS:
            rest = words[:place] + words[place + 1 :]
            yield SPELLINGS[word], tuple(filter(None, rest))
