"""How the lab matches the names that users type.

Case, ``-`` and ``_`` make no difference, and a miss suggests the nearest name.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from cnn_tui.errors import UsageError
from cnn_tui.next_steps import NextStep

LONGEST_SHOWN = 40
"""Characters of a refused value that an error repeats."""
FEW = 8
"""Up to so many names are told instead of the place that lists them."""
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("gpu", "nvidia", "rocm", "hip", "amd"), ("cuda", "device")),
    **dict.fromkeys(("apple", "metal", "m1", "mac"), ("mps",)),
    **dict.fromkeys(("half", "float16", "16"), ("fp16", "bf16")),
    **dict.fromkeys(("bfloat", "bfloat16", "amp", "mixed"), ("bf16",)),
    **dict.fromkeys(("float", "float32", "single", "full", "32"), ("fp32",)),
    **dict.fromkeys(("nesterov", "momentum"), ("sgd",)),
    **dict.fromkeys(("1cycle", "superconvergence"), ("onecycle",)),
    **dict.fromkeys(("cosineannealing", "cosineannealinglr", "cos"), ("cosine",)),
    **dict.fromkeys(("steplr", "multistep", "multisteplr"), ("step",)),
    **dict.fromkeys(("fixed", "flat"), ("constant",)),
    **dict.fromkeys(("flip", "mirror", "hflip"), ("crop+flip",)),
    **dict.fromkeys(("final", "latest"), ("last",)),
    **dict.fromkeys(("ram", "memory", "cpu"), ("host",)),
}
"""What the field and other programs call things, normalized, and the lab's names for them.

The first that is among the known names is meant.
"""
LIKELY, POSSIBLE = 0.8, 0.5
"""How near a name must be to be suggested: alone, or beside others that may be meant."""
WORD = re.compile(r"[^\W_]+")
GAPS, UNLIKE = 4, 9
FEWEST_WITH_GAPS, LETTERS_PER_WORD = 3, 2

Named = TypeVar("Named")


def normalize(name: str) -> str:
    """``VGG-16`` and ``vgg_16`` are the same name: ``vgg16``."""
    return name.casefold().replace("-", "").replace("_", "").strip()


def shortened(text: str) -> str:
    """``text`` as an error repeats it: only the beginning of a long one."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def alternatives(names: Iterable[str]) -> str:
    """``sgd, adam or adamw``."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def match(
    name: str, known: Iterable[str], kind: str, see: NextStep | str, others: Sequence[str] = ()
) -> str:
    """The one of ``known`` that ``name`` means.

    ``kind`` says what is looked for ("network"), ``see`` what lists them: a step,
    or a place ("the folder of tests"); ``others`` are accepted as well, by their shapes
    ("cuda:N"). Raises UsageError with the nearest name.
    """
    known = tuple(known)
    if name in known:  # as it is kept: lists of runs ask for nothing else, thousands of times
        return name
    spellings = {normalize(each): each for each in known}
    wanted = normalize(name)
    if wanted in spellings:
        return spellings[wanted]
    missed = missed_name(name, known, kind)
    if len(spellings) <= FEW:
        raise UsageError(f"{missed} Choose {alternatives((*spellings.values(), *others))}.")
    if isinstance(see, str):
        raise UsageError(f"{missed} {see[0].upper()}{see[1:]} lists them all.")
    raise UsageError(missed, next_steps=(see,))


def missed_name(name: str, known: Iterable[str], kind: str) -> str:
    """The sentence about a name that none of ``known`` is meant by, with the nearest of them."""
    near = nearest(name, known)
    hint = f": did you mean {near}?" if near else "."
    return f"There is no {kind} named {shortened(repr(name))}{hint}"


def nearest(name: str, known: Iterable[str], likeness: float = POSSIBLE) -> str | None:
    """The one of ``known`` that means the same as ``name``, else the one that is spelled most like.

    None where none is as like as ``likeness``, from 0 to 1.
    """
    from difflib import get_close_matches

    spellings, wanted = {normalize(each): each for each in known}, _letters(name)
    synonyms = SYNONYMS.get(wanted) or SYNONYMS.get(wanted.partition(":")[0], ())
    same = (each for each in synonyms if normalize(each) in spellings)
    meant = next(same, None)
    if meant is not None:
        return spellings[normalize(meant)]
    near = get_close_matches(wanted, spellings, cutoff=likeness)
    # Of equally near names, swapped characters are the likelier slip: vgg61 is vgg16, not vgg19.
    near.sort(key=lambda each: sorted(each) != sorted(wanted))
    return spellings[near[0]] if near else None


def best_first(
    typed: str,
    names: Iterable[Named],
    spelled: Callable[[Named], str],
    *,
    with_gaps: bool = False,
) -> list[Named]:
    """Those of ``names`` that ``typed`` may be the beginning or a part of, the likeliest first.

    What is spelled exactly so comes before what begins so, and that before what has
    words that begin so, or holds it anywhere; ``with_gaps``, what it has the beginnings of
    some words of comes last. ``spelled`` may name several spellings, one a line, the most
    telling first. Equally likely names keep their order.
    """
    wanted, words = _letters(typed), typed.casefold().split()
    found = []
    for name in names:
        lines = spelled(name).split("\n")
        likeness = [(_likeness(wanted, words, line), place) for place, line in enumerate(lines)]
        if with_gaps and _has_beginnings(wanted, lines[0]):
            likeness.append((GAPS, 0))
        best = min(likeness)
        if best[0] < UNLIKE:
            found.append((best, name))
    return [name for _, name in sorted(found, key=lambda pair: pair[0])]


def _likeness(wanted: str, words: list[str], name: str) -> int:
    letters = _letters(name)
    if wanted == letters:
        return 0
    if letters.startswith(wanted):
        return 1
    parts = WORD.findall(name.casefold())
    if words and all(any(part.startswith(normalize(word)) for part in parts) for word in words):
        return 2
    return 3 if _is_within(wanted, name) else UNLIKE


def _is_within(wanted: str, name: str) -> bool:
    """Whether a word has ``wanted`` in it, or several have from the beginning of the first.

    Elsewhere it is no match that one sees: ``stop`` in ``previous topic``.
    """
    if any(wanted in _letters(word) for word in name.split()):
        return True
    return any(_letters(name[word.start() :]).startswith(wanted) for word in WORD.finditer(name))


def _has_beginnings(wanted: str, name: str) -> bool:
    """Whether ``wanted`` is beginnings of words in their order, of two letters or more on average.

    ``strun`` is of ``Start a new run``. Single letters in their order are in any long title.
    """
    fewest = {0: 0}  # words that it takes to spell so many letters
    for word in WORD.findall(name.casefold()):
        for at, words in sorted(fewest.items(), reverse=True):
            for end in range(at + 1, len(wanted) + 1):
                if word.startswith(wanted[at:end]):
                    fewest[end] = min(fewest.get(end, words + 1), words + 1)
    in_all = fewest.get(len(wanted), len(wanted))
    return len(wanted) >= max(FEWEST_WITH_GAPS, LETTERS_PER_WORD * in_all)


def _letters(name: str) -> str:
    return normalize(name).replace(" ", "")
