"""The lab finds submissions that are alike, whatever their names and layout."""

import re

from cnn_tui.grading.catalogue import exercise_named, starter
from cnn_tui.grading.classroom.similarity import NOISE, fingerprints, similar_pairs
from tests.grading.conftest import reference

STARTER = starter(exercise_named("1")).read_text(encoding="utf-8")
OWN = reference("exercise1")
COPIED = re.sub(r"\b(kernel_size|stride|pooled)\b", r"my_\1", OWN).replace(
    "    return", "\n    return"
)
COPIED = re.sub(r'""".*?"""', '"""Mine."""', COPIED, flags=re.DOTALL)
OTHER = """
import torch
def max_pool(maps, size, step):
    rows = (maps.shape[2] - size) // step + 1
    out = []
    for i in range(rows):
        for j in range((maps.shape[3] - size) // step + 1):
            window = maps[:, :, i * step : i * step + size, j * step : j * step + size]
            out.append(window.reshape(*maps.shape[:2], -1).max(dim=-1).values)
    return torch.stack(out, dim=-1).reshape(*maps.shape[:2], rows, -1)
"""


def test_finds_a_copy_with_other_names_comments_and_layout() -> None:
    first, *others = similar_pairs({"ada": OWN, "bea": OTHER, "cem": COPIED}, STARTER)
    assert (first.learner, first.other) == ("ada", "cem")
    assert first.share > 0.9
    assert all(pair.share < 0.1 for pair in others)


def test_names_the_lines_of_both() -> None:
    lines = OTHER.splitlines()
    moved = "\n".join(["x = 1", "y = x", *lines])
    (pair,) = similar_pairs({"ada": OTHER, "bea": moved})
    ((first, last),) = pair.lines
    assert first >= 2
    assert last == len(lines)
    assert pair.other_lines == ((first + 2, last + 2),)


def test_leaves_out_what_all_began_with() -> None:
    assert fingerprints(STARTER)
    assert similar_pairs({"ada": STARTER, "bea": STARTER}, STARTER) == []
    assert similar_pairs({"ada": STARTER, "bea": STARTER})[0].share == 1


def test_is_silent_about_what_is_short_or_no_python() -> None:
    short = "x = 1\n" * (NOISE // 3 - 1)
    assert similar_pairs({"ada": short, "bea": short}) == []
    assert similar_pairs({"ada": "def (:\n  '''", "bea": "def (:\n  '''"}) == []
