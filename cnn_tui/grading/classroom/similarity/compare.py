"""How alike the submissions of a class are: pairs of files that share much, with the passages.

Files of one exercise are compared through an index from fingerprints to the files that have
them. What stands in the starter, or in most files of a class, is nobody's own and does not
count. The helper files of a learner count with the exercise that may import them. A file that
cannot be compared is named with the reason. Torch-free; nothing that learners wrote is run.
"""

import tempfile
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from pathlib import Path

from cnn_tui.errors import UsageError
from cnn_tui.grading import catalogue
from cnn_tui.grading.classroom.class_files import submissions_of
from cnn_tui.grading.classroom.helper_files import files_beside
from cnn_tui.grading.classroom.similarity.records import (
    NotCompared,
    SimilarityReport,
    SimilarPair,
)
from cnn_tui.grading.classroom.similarity.winnowing import (
    GUARANTEED,
    LEFT_BLANK,
    MAX_TOKENS,
    RIGHT_BLANK,
    Tokens,
    one_after_another,
    passages,
    tokens_of,
)
from cnn_tui.grading.classroom.submissions import ClassSubmission
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.isolation.helper_modules import file_name_of
from cnn_tui.grading.isolation.source import (
    module_in,
    read_regular_file,
    read_source,
    refuse_unusable,
)
from cnn_tui.grading.limits import LEAST_ALIKE

FEWEST = 5
"""Fingerprints that a file needs beside those of the starter: fewer say nothing."""
LARGE_CLASS = 10
"""Of so many files on, what more than half of them have counts for nobody."""


@dataclass(frozen=True)
class ComparedFile:
    """One learner's file; ``attempts_of`` is the same for several attempts of one learner.

    ``helpers`` are the texts of the helper files by name, whose tokens are among ``tokens``, and
    ``remarks`` sentences on those that are not.
    """

    learner: str
    attempts_of: str
    text: str
    tokens: Tokens
    helpers: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def compare_class(
    path: Path,
    exercises: Sequence[Exercise],
    *,
    least: float = LEAST_ALIKE,
    everyone: bool = False,
    jobs: int = 1,
    remark: Callable[[str], None] = lambda sentence: None,
) -> SimilarityReport:
    """Compare what a class handed in: a folder or an archive, read as for grading.

    With ``everyone``, learners who lack one of ``exercises`` are named. ``remark`` hears what
    is odd. Raises UsageError where there is nothing to compare.
    """
    with tempfile.TemporaryDirectory(prefix="cnn-lab-class-") as spool:
        found, remarks = submissions_of(
            path, exercises, Path(spool), everyone=everyone, jobs=jobs, allow_helpers=True
        )
        files, left_out = _read(found)
    for sentence in (*remarks, *_remarks(found, files)):
        remark(sentence)
    pairs: list[SimilarPair] = []
    texts: dict[tuple[str, str], str] = {}
    helper_texts: dict[tuple[str, str], Mapping[str, str]] = {}
    for exercise in exercises:
        own = files[exercise.name]
        alike, too_little = similar_pairs(exercise.name, own, starter_text(exercise), least=least)
        pairs += alike
        left_out += too_little
        named = {learner for pair in alike for learner in (pair.learner, pair.other)}
        shown = {(exercise.name, file.learner): file for file in own if file.learner in named}
        texts |= {key: file.text for key, file in shown.items()}
        helper_texts |= {key: file.helpers for key, file in shown.items()}
    compared = len(found) - len(left_out)
    if not compared:
        raise UsageError(f"{path} holds no file that can be compared{_reasons(left_out)}.")
    return SimilarityReport(
        least, compared, tuple(_most_alike_first(pairs)), tuple(left_out), texts, helper_texts
    )


def _remarks(
    found: Sequence[ClassSubmission], files: Mapping[str, Sequence[ComparedFile]]
) -> list[str]:
    """What is odd about the files of each learner."""
    told = [f"{each.learner}: {each.remark}" for each in found if each.remark]
    compared = [file for group in files.values() for file in group]
    return told + [f"{file.learner}: {each}" for file in compared for each in file.remarks]


def _reasons(left_out: Sequence[NotCompared]) -> str:
    """Why nothing can be compared: the first reason, and how many learners are left out."""
    if not left_out:
        return ""
    first, more = left_out[0], len(left_out) - 1
    told = first.reason.rstrip(".")
    named = told if told.startswith(first.learner) else f"{first.learner}: {told}"
    return f": {named}" + (f". And {more} more cannot be compared" if more else "")


def similar_pairs(
    exercise: str, files: Sequence[ComparedFile], starter: str = "", *, least: float = LEAST_ALIKE
) -> tuple[list[SimilarPair], list[NotCompared]]:
    """Each two of ``files`` of which one shares at least ``least`` with the other.

    ``starter`` is what all of them began with. Files that have too little of their own come
    second, each with the reason.
    """
    common, prints, left_out = _own_fingerprints(exercise, files, starter)
    index = defaultdict(list)
    for place in sorted(prints):
        for each in prints[place]:
            index[each].append(place)
    shared = Counter(two for places in index.values() for two in combinations(places, 2))

    @cache
    def counting(place: int, blank: int) -> "array[int]":
        return files[place].tokens.without(common, blank)

    pairs = []
    for (left, right), count in shared.items():
        one, other = files[left], files[right]
        shares = count / len(prints[left]), count / len(prints[right])
        if max(shares) < least or one.attempts_of == other.attempts_of:
            continue
        counted = counting(left, LEFT_BLANK), counting(right, RIGHT_BLANK)
        found = passages(one.tokens, other.tokens, *counted)
        pairs.append(SimilarPair(exercise, one.learner, other.learner, *shares, found))
    return _most_alike_first(pairs), left_out


def starter_text(exercise: Exercise) -> str:
    """What learners began with, or "" where there is no such file.

    The starter of a teacher's own exercise lies where a new exercise has it.
    """
    place = catalogue.starter(exercise)
    if exercise.tests is not None and not place.is_file():
        place = exercise.tests.parent.parent / "starter" / exercise.file_name
    try:
        own = read_source(place)
    except UsageError:
        return ""
    beside = files_beside(exercise, place) if exercise.tests is not None else []
    given = [own, *(source for _, source in beside)]
    return "\n".join(source.decode("utf-8", "replace") for source in given)


def read_file(
    learner: str, path: Path, attempts_of: str = "", helpers: Mapping[str, bytes] | None = None
) -> ComparedFile:
    """The module that a file or a notebook holds, with the learner's helper files.

    Raises UsageError for what is none.
    """
    source = module_in(path.name, read_regular_file(path))
    refuse_unusable(path.name, source)
    text = _text(source)
    own = _tokens(path.name, text)
    added, remarks = _read_helpers(helpers or {}, len(own.numbers))
    parts = [("", own), *((name, tokens) for name, (_, tokens) in added.items())]
    tokens = one_after_another(parts)
    if len(tokens.numbers) < GUARANTEED:
        raise UsageError(
            f"{path.name} is too short to compare: it has fewer than {GUARANTEED} tokens."
        )
    texts = {name: helper for name, (helper, _) in added.items()}
    return ComparedFile(learner, attempts_of or learner, text, tokens, texts, tuple(remarks))


def _read_helpers(
    helpers: Mapping[str, bytes], count: int
) -> tuple[dict[str, tuple[str, Tokens]], list[str]]:
    """Text and tokens of helper files by name, and which are left out; ``count`` is before them."""
    added: dict[str, tuple[str, Tokens]] = {}
    left_out = []
    for place, source in helpers.items():
        name, text = file_name_of(place), _text(source)
        try:
            tokens = _tokens(name, text, before=count)
        except UsageError as error:
            left_out.append(str(error))
        else:
            added[name] = text, tokens
            count += len(tokens.numbers) + 1
    return added, left_out


def _text(source: bytes) -> str:
    return source.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


def _tokens(name: str, text: str, before: int = 0) -> Tokens:
    """The tokens of a file; raises UsageError for too many, with the number ``before`` it."""
    try:
        tokens = tokens_of(text)
    except ValueError as error:
        raise UsageError(f"{name} cannot be divided into tokens ({error}).") from error
    if before + len(tokens.numbers) > MAX_TOKENS:
        together = " together with what is before it" if before else ""
        raise UsageError(
            f"{name} is too long to compare: it has more than {MAX_TOKENS} tokens{together}."
        )
    return tokens


def _read(
    found: Sequence[ClassSubmission],
) -> tuple[dict[str, list[ComparedFile]], list[NotCompared]]:
    """The files by exercise, and who has none that can be read."""
    files: dict[str, list[ComparedFile]] = defaultdict(list)
    left_out = []
    for each in found:
        name = each.exercise.name if each.exercise else ""
        try:
            if each.unusable:
                raise UsageError(each.unusable)
            files[name].append(read_file(each.learner, each.path, each.attempts_of, each.helpers))
        except UsageError as error:
            left_out.append(NotCompared(each.learner, name, str(error)))
    return files, left_out


def _own_fingerprints(
    exercise: str, files: Sequence[ComparedFile], starter: str
) -> tuple[set[int], dict[int, set[int]], list[NotCompared]]:
    """(fingerprints that count for nobody, those of each file by its place, files without any)."""
    given = set(tokens_of(starter).hashes)
    beside = [file.tokens.fingerprints.keys() - given for file in files]
    often: set[int] = set()
    if len(files) >= LARGE_CLASS:
        counts = Counter(each for prints in beside for each in prints)
        often = {each for each, count in counts.items() if 2 * count > len(files)}
    prints, left_out = {}, []
    for place, (file, own) in enumerate(zip(files, beside, strict=True)):
        if len(own - often) >= FEWEST:
            prints[place] = own - often
            continue
        if len(file.tokens.fingerprints) < FEWEST:
            reason = "It says too little to be compared."
        else:
            where = "in the starter" if len(own) < FEWEST else "in most files of the class"
            reason = f"Nearly all that it says is also {where}."
        left_out.append(NotCompared(file.learner, exercise, reason))
    return given | often, prints, left_out


def _most_alike_first(pairs: Iterable[SimilarPair]) -> list[SimilarPair]:
    """The pairs by their larger share, then by their smaller one, then by names."""

    def rank(pair: SimilarPair) -> tuple[float, float, str, str, str]:
        shares = sorted((-pair.share, -pair.other_share))
        return *shares, pair.exercise, pair.learner, pair.other  # type: ignore[return-value]

    return sorted(pairs, key=rank)
