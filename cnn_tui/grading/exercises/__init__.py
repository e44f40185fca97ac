"""The exercises' records, starters and hidden tests, one file each; ``catalogue`` finds them.

A new exercise is a file ``exercise6.py`` here, with an ``EXERCISE``, and one of the same
name in ``starters``, ``hidden_tests``, and the project's ``solutions`` and ``exercises``.
An installed wheel has the solutions here, too. Another package
adds one by an entry point of the group ``cnn_lab.exercises`` that names its record.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Exercise:
    """One exercise: ``name`` is what users call it, ``exercise3``.

    ``topic`` is the page of the chapter to read again, ``hints`` come one by one.
    ``max_score`` is the sum of its hidden tests' points. Deadlines are in
    seconds: of loading the learner's file, of one check, and of the whole
    submission. ``starter``, ``tests`` and ``reference`` are the files of an exercise
    that comes with another package, or the hidden tests of a teacher's own; the lab's
    own are found by their name. ``keeps_functions``: each version of the starter asks for
    the functions of the first, with the same parameters.
    """

    name: str
    title: str
    task: str
    topic: str = ""
    hints: tuple[str, ...] = ()
    max_score: int = 10
    load_seconds: float = 20
    check_seconds: float = 10
    total_seconds: float = 30
    starter: Path | None = None
    tests: Path | None = None
    reference: Path | None = None
    keeps_functions: bool = False

    @property
    def number(self) -> str:
        """What it may be called for short: ``3``."""
        return self.name.removeprefix("exercise")

    @property
    def file_name(self) -> str:
        """Its file in every folder: ``exercise3.py``."""
        return f"{self.name}.py"
