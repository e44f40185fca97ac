"""How the lab matches the names that users type.

Case, ``-`` and ``_`` make no difference, and a miss suggests the nearest name.
"""

from collections.abc import Iterable

from cnn_tui.errors import UsageError
from cnn_tui.next_steps import NextStep

LONGEST_SHOWN = 40
"""Characters of a refused value that an error repeats."""
FEW = 8
"""Up to so many names are told instead of the place that lists them."""


def normalise(name: str) -> str:
    """``VGG-16`` and ``vgg_16`` are the same name: ``vgg16``."""
    return name.casefold().replace("-", "").replace("_", "").strip()


def shortened(text: str) -> str:
    """``text`` as an error repeats it: only the beginning of a long one."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def alternatives(names: Iterable[str]) -> str:
    """``sgd, adam or adamw``."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def match(name: str, known: Iterable[str], kind: str, see: NextStep | str) -> str:
    """The one of ``known`` that ``name`` means.

    ``kind`` says what is looked for ("network"), ``see`` what lists them: a step,
    or a place ("the folder of tests"). Raises UsageError with the nearest name.
    """
    known = tuple(known)
    if name in known:  # spelt as it is kept: lists of runs ask for nothing else, thousands of times
        return name
    spellings = {normalise(each): each for each in known}
    wanted = normalise(name)
    if wanted in spellings:
        return spellings[wanted]
    from difflib import get_close_matches

    near = get_close_matches(wanted, spellings, cutoff=0.5)
    # Of equally near names, swapped characters are the likelier slip: vgg61 is vgg16, not vgg19.
    near.sort(key=lambda each: sorted(each) != sorted(wanted))
    hint = f": did you mean {spellings[near[0]]}?" if near else "."
    missed = f"There is no {kind} named {shortened(repr(name))}{hint}"
    if len(spellings) <= FEW:
        raise UsageError(f"{missed} Choose {alternatives(spellings.values())}.")
    if isinstance(see, str):
        raise UsageError(f"{missed} {see[0].upper()}{see[1:]} lists them all.")
    raise UsageError(missed, next_steps=(see,))
