"""What a run's network takes some images for."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from cnn_tui.analysis.evaluation_records import Guess, PredictedImage, Prediction, Predictions
from cnn_tui.analysis.images import Image, find_image, names_image_file, parse_image, refuse_missing
from cnn_tui.analysis.images import picture as make_picture
from cnn_tui.analysis.judge import PICTURE_SIDE, Judge, judge_of, open_judged
from cnn_tui.analysis.trained import Trained
from cnn_tui.errors import UsageError
from cnn_tui.workspace import Workspace

GUESSES = 3
MOST_IMAGES = 256
"""Images that are guessed at once; more would be no help to anybody who looks at them."""

WRONG_OF_NAMED = (
    "The network's mistakes are looked for among the test images: name no images with it."
)


def predict(
    workspace: Workspace,
    run: str,
    images: Sequence[str] = (),
    *,
    count: int = 6,
    wrong: bool = False,
    seed: int = 0,
    data_dir: Path | None = None,
) -> Predictions:
    """What the best weights of a run take ``images`` for, which are named as for ``find_image``.

    Where none are named, ``count`` test images that ``seed`` draws, or validation images where
    there are none; with ``wrong`` only such that the network mistakes. Raises UsageError for
    whatever cannot be opened.
    """
    if images and wrong:
        raise UsageError(WRONG_OF_NAMED, fields=("wrong",))
    asked = len(images) or count
    if not 1 <= asked <= MOST_IMAGES:
        raise UsageError(f"{asked:,} images are too many or too few: ask for 1 to {MOST_IMAGES}.")
    trained, judged = open_judged(workspace, run, data_dir)
    judge = judge_of(trained)
    if images:
        found = [_named(trained, spec) for spec in images]
        predictions = [_guess(trained, judge, image) for image in found]
        return Predictions(judged, tuple(predictions), _about(trained, found))
    drawn = _drawn(trained, seed)
    rows = list(_mistaken(trained, judge, drawn, count)) if wrong else drawn[:count].tolist()
    test = trained.unseen
    predictions = [_guess(trained, judge, trained.image(test, row)) for row in rows]
    chosen = _how_chosen(trained, len(rows), wrong, seed)
    return Predictions(judged, tuple(predictions), (chosen, *trained.own.notes))


def predict_all(
    workspace: Workspace,
    run: str,
    images: Sequence[str] = (),
    *,
    wrong: bool = False,
    data_dir: Path | None = None,
) -> Iterator[PredictedImage]:
    """What the run takes each of ``images`` for, or of its test images; ``wrong``: its mistakes.

    Raises UsageError as ``predict`` does, before the first is given.
    """
    if images and wrong:
        raise UsageError(WRONG_OF_NAMED, fields=("wrong",))
    trained, _ = open_judged(workspace, run, data_dir)
    found = [_named(trained, spec) for spec in images]
    told = _of_each(trained, found) if found else _of_test(trained)
    return (each for each in told if not wrong or each.predicted != each.true)


def _of_each(trained: Trained, images: Sequence[Image]) -> Iterator[PredictedImage]:
    judge = judge_of(trained)
    for image in images:
        guess = _guess(trained, judge, image)
        yield PredictedImage(image.name, guess.true, guess.predicted, guess.guesses[0].probability)


def _of_test(trained: Trained) -> Iterator[PredictedImage]:
    judge, test = judge_of(trained), trained.unseen
    for rows in torch.split(torch.arange(len(test)), judge.config.batch_size):
        logits = judge(trained.preparation(test.images[rows]).to(judge.device))
        most = logits.softmax(1).max(1)
        shares, best = most.values.tolist(), most.indices.tolist()
        for row, predicted, share in zip(rows.tolist(), best, shares, strict=True):
            image = trained.image(test, row)
            yield PredictedImage(image.name, image.label, trained.classes[predicted], share)


def _named(trained: Trained, spec: str) -> Image:
    """The image that ``spec`` names; the run's own test images as the run sees them."""
    if not names_image_file(spec):
        data, index = parse_image(spec)
        if data == trained.config.data:
            refuse_missing(data.name, index, len(trained.unseen))
            return trained.image(trained.unseen, index)
    return find_image(spec, trained.header.data_dir, trained.facts.scale)


def _guess(trained: Trained, judge: Judge, image: Image) -> Prediction:
    logits = judge(trained.prepare(image.pixels).to(judge.device))[0]
    likeliest = logits.softmax(0).cpu().topk(min(GUESSES, len(trained.classes)))
    guesses = zip(likeliest.indices.tolist(), likeliest.values.tolist(), strict=True)
    known = image.label in trained.classes
    return Prediction(
        picture=make_picture(image.name if known else image.title, image.pixels, PICTURE_SIDE),
        true=image.label if known else None,
        guesses=tuple(Guess(trained.classes[index], share) for index, share in guesses),
    )


def _drawn(trained: Trained, seed: int) -> Tensor:
    """The rows of the test images, in an order that follows from ``seed``."""
    draws = torch.Generator().manual_seed(seed)
    return torch.randperm(len(trained.unseen), generator=draws)


def _mistaken(trained: Trained, judge: Judge, drawn: Tensor, count: int) -> Iterator[int]:
    """The first ``count`` rows of ``drawn`` whose images are mistaken for something else."""
    test = trained.unseen
    for rows in torch.split(drawn, judge.config.batch_size):
        images = trained.preparation(test.images[rows]).to(judge.device)
        wrong = judge(images).argmax(1).cpu() != test.labels[rows]
        found = rows[wrong].tolist()[:count]
        yield from found
        count -= len(found)
        if not count:
            return


def _about(trained: Trained, images: Sequence[Image]) -> tuple[str, ...]:
    square = all(image.pixels.shape[1] == image.pixels.shape[2] for image in images)
    cropped = () if square else ("Of an image's longer side, only the middle is used.",)
    flat = [image.name for image in images if _is_one_color(image)]
    named = (f"{', '.join(flat)}: a single color, which says nothing.",) if flat else ()
    return (trained.preparation.description, *cropped, *named)


def _is_one_color(image: Image) -> bool:
    return bool((image.pixels == image.pixels[:, :1, :1]).all())


def _how_chosen(trained: Trained, found: int, wrong: bool, seed: int) -> str:
    total = len(trained.unseen)
    tested = bool(len(trained.own.data.test))
    images = f"{total:,} {'test' if tested else 'validation'} images"
    why = "" if tested else " There are no test images."
    if not wrong:
        return f"Drawn from the {images} with seed {seed}.{why}"
    if not found:
        return f"All {images} are classified right: there is no mistake to show.{why}"
    return f"Mistakes among the {images}, in an order drawn with seed {seed}.{why}"
