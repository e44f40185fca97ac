"""Studies as text: complete at 80 columns, and readable without color."""

import re
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from cnn_tui.render.runs.experiment import (
    progress_view,
    show_progress,
    studies_view,
    study_view,
)
from cnn_tui.render.runs.experiment_table import study_table
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.studies.catalogue import DROPOUT, STUDIES, find_study, names
from cnn_tui.training.studies.plan import planned_by
from cnn_tui.training.studies.records import (
    ArmCurves,
    ArmResult,
    Study,
    StudyOrder,
    StudyProgress,
    StudyResult,
)
from cnn_tui.workspace import Workspace
from tests.made_up_studies import ORDER, make_study


def result(seeds: int = 3) -> StudyResult:
    arms = tuple(
        ArmResult(
            name=arm.name,
            label=arm.label,
            net=arm.net,
            runs=("run",) * seeds,
            accuracy=tuple(0.7 + place / 20 + seed / 100 for seed in range(seeds)),
            loss_gap=(0.5 - place / 4,) * seeds,
            parameters=401_354,
            seconds_per_epoch=(0.15,) * seeds,
            epochs_to_convergence=(8, 9, 10)[:seeds],
            val_accuracy=tuple(
                tuple(0.1 + epoch * (0.02 + place / 100) + seed / 50 for epoch in range(10))
                for seed in range(seeds)
            ),
            train_loss=tuple(tuple(2.3 - epoch / 5 for epoch in range(10)) for _ in range(seeds)),
        )
        for place, arm in enumerate(DROPOUT.arms)
    )
    return StudyResult("dropout", "digits", 10, tuple(range(seeds)), arms, "It is so.", True)


def with_wrong_labels() -> StudyResult:
    learned = (0.756, 0.6, 0.4, 0.051)
    arms = (
        replace(arm, wrong_labels_learned=(share,) * 3)
        for arm, share in zip(result().arms, learned, strict=True)
    )
    return replace(result(), arms=tuple(arms))


def shown(renderable: object, width: int = 80) -> str:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(renderable)
    return capture.get()


@pytest.mark.parametrize("width", [80, 160])
def test_shows_curves_table_and_finding_within_the_width(width: int) -> None:
    text = shown(study_view(DROPOUT, result(), width=width), width)
    assert all(cell_len(line) <= width for line in text.splitlines())
    assert re.search(r"^Validation accuracy +p=0 ━━━   p=0.3 ━ ━", text, re.MULTILINE)
    assert "Training loss" in text
    assert "p=0.3  76.0 % (75.0–77.0)    +0.250     401,354     0.15  epoch 9.0" in text
    assert text.index("401,354") < text.index("It is so.") < text.index("Expected:")


@pytest.mark.parametrize("study", STUDIES, ids=names())
def test_cuts_no_number_on_a_narrow_screen(study: Study) -> None:
    named = (replace(result().arms[0], label=arm.label) for arm in study.arms)
    text = shown(study_table(replace(result(), arms=tuple(named)), width=57), width=57)
    words = set(text.split())
    assert "…" not in text
    assert {"accuracy", "gap", "Parameters", "s/epoch", "Converged"} <= words
    assert {"71.0", "(70.0–72.0)", "+0.500", "401,354", "0.15", "9.0"} <= words
    assert all(word in words for arm in study.arms for word in arm.label.split())


def test_tells_each_arm_in_words_where_there_is_no_room_for_a_table() -> None:
    order = StudyOrder("dropout", "digits", 3)
    done = StudyProgress(order, "finished", 12, 12, result=result())
    text = shown(progress_view(DROPOUT, done, width=44), width=44)
    assert "…" not in text
    assert (
        "p=0\n  test accuracy 71.0 % (70.0–72.0)\n  loss gap +0.500, 401,354 parameters\n" in text
    )
    assert "  0.15 s/epoch, converged: epoch 9.0\n" in text
    assert "converged: epoch" not in shown(progress_view(DROPOUT, done, width=57), width=57)


@pytest.mark.parametrize("width", [44, 64, 80, 160])
def test_shows_which_share_of_the_wrong_labels_was_learned(width: int) -> None:
    text = shown(study_view(DROPOUT, with_wrong_labels(), width=width), width)
    assert all(cell_len(line) <= width for line in text.splitlines())
    assert "…" not in text
    assert {"75.6", "5.1"} <= set(text.split())
    assert "whose wrong label the network reproduces" in " ".join(text.split())
    assert "Wrong" not in shown(study_view(DROPOUT, result(), width=width), width)
    row = "p=0.3  76.0 % (75.0–77.0)    +0.250         60.0 %     401,354     0.15  epoch 9.0"
    assert (row in text) is (width == 160)
    assert ("  wrong labels learned 75.6 %\n" in text) is (width == 44)


def test_says_why_a_run_of_an_earlier_version_has_no_loss_gap() -> None:
    first, *others = result().arms
    old = replace(result(), arms=(replace(first, loss_gap=(0.1, None, 0.1)), *others))
    text = " ".join(shown(study_view(DROPOUT, old)).split())
    assert "p=0 71.0 % (70.0–72.0) – 401,354" in text
    assert "trained by an earlier version" in text
    assert "earlier version" not in shown(study_view(DROPOUT, result()))


@pytest.mark.parametrize(("width", "height"), [(77, 36), (154, 46)])
def test_gives_the_curves_what_the_words_leave_of_a_page(width: int, height: int) -> None:
    both = replace(result(), arms=result().arms[:2])
    curves = tuple(ArmCurves(arm.label, arm.val_accuracy, arm.train_loss) for arm in both.arms)
    order = StudyOrder("dropout", "digits", 3)
    done = StudyProgress(order, "finished", 6, 6, curves=curves, result=both)
    view = progress_view(DROPOUT, done, width=width, height=height, read=Text("⏎ read"))
    assert height - 3 <= len(shown(view, width).splitlines()) <= height
    low = shown(progress_view(DROPOUT, done, width=width, height=15, read=Text("⏎ read")), width)
    assert low == shown(progress_view(DROPOUT, done, width=width, read=Text("⏎ read")), width)


def test_leaves_no_bar_behind_when_it_is_interrupted(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the terminal echoes ^C past the last column, the bar is drawn a second time."""

    def interrupted(run: RunFolder) -> Iterator[tuple[()]]:
        yield ()
        raise KeyboardInterrupt

    monkeypatch.setattr("cnn_tui.render.runs.series.follow", interrupted)
    steps = zip(planned_by(ORDER), make_study(workspace, done=1), strict=False)
    written = StringIO()
    talk = Console(file=written, force_terminal=True, width=80, color_system=None)
    with pytest.raises(KeyboardInterrupt):
        show_progress(find_study("batchnorm"), steps, 4, talk)
    lines = re.split(r"[\r\n]+", re.sub(r"\x1b\[[?\d;]*\w", "", written.getvalue()))
    bars = [line for line in lines if "epochs" in line]
    assert bars
    assert all(len(line) + len("^C") < 80 for line in bars)
    assert "\x1b[2K" in written.getvalue().rpartition("epochs")[2], "the last one is wiped"


def test_shades_what_lies_between_the_seeds_without_color() -> None:
    both = result()
    one = replace(both, arms=both.arms[1:2])
    shaded = shown(study_view(DROPOUT, one))
    alone = shown(study_view(DROPOUT, replace(one, arms=(_narrow(one.arms[0]),))))
    dots = [sum("⠀" < sign <= "⣿" for sign in text) for text in (shaded, alone)]
    assert dots[0] > 1.3 * dots[1]


def test_shows_how_far_a_study_has_come() -> None:
    order = StudyOrder("dropout", "digits", seeds=3)
    begun = StudyProgress(order, "stopped", done=1, total=12, message="The disk is full.")
    text = shown(progress_view(DROPOUT, begun, read=Text("⏎ read")))
    assert "stopped, 1 of 12 runs finished   r resumes it" in text
    assert "The disk is full." in text
    assert "cnn-lab" not in text, "the app needs no shell"
    new = replace(begun, state="new", done=0, message="")
    assert "not started, 12 runs   r starts it" in shown(progress_view(DROPOUT, new))
    text_of_new = shown(progress_view(DROPOUT, new, is_starting=True))
    assert "starting, 12 runs" in text_of_new and "r starts it" not in text_of_new
    assert "Validation accuracy" not in text
    arms = [ArmCurves(arm.label, arm.val_accuracy, arm.train_loss) for arm in result(2).arms]
    arms[3] = replace(arms[3], val_accuracy=(), train_loss=())
    arms[2] = replace(arms[2], val_accuracy=((0.5,), (0.5, 0.6)), train_loss=((2.0,), (2.0, 1.0)))
    on_the_way = replace(begun, state="running", curves=tuple(arms), result=result(2))
    text = shown(progress_view(DROPOUT, on_the_way))
    assert "Validation accuracy " in text
    assert "So far, with 2 of 3 seeds: It is so." in " ".join(text.split())


def test_draws_one_seed_and_one_epoch() -> None:
    single = result(1)
    arms = tuple(replace(arm, val_accuracy=((0.1,),), train_loss=((2.3,),)) for arm in single.arms)
    text = shown(study_view(DROPOUT, replace(single, arms=arms)))
    assert "1 seed" in text
    axis = next(line for line in text.splitlines() if " epochs" in line and "─" in line)
    assert re.split("[┼└]", axis)[1].replace("─", " ").split() == ["1", "epochs"]


def test_lists_the_studies_with_what_they_ask() -> None:
    text = shown(studies_view(STUDIES))
    assert all(f"\n{study.name} " in text for study in STUDIES)
    assert all(cell_len(line) <= 80 for line in text.splitlines())


def _narrow(arm: ArmResult) -> ArmResult:
    return replace(arm, val_accuracy=arm.val_accuracy[:1], train_loss=arm.train_loss[:1])


def test_names_the_largest_class_where_classes_are_uneven() -> None:
    arms = tuple(
        replace(arm, balanced_accuracy=(0.5, 0.6, None), uneven_val_baseline=0.4)
        for arm in result().arms
    )
    uneven = replace(result(), arms=arms, baseline_accuracy=0.95, is_uneven=True)
    said = " ".join(shown(study_view(DROPOUT, uneven)).split())
    assert "Always naming the largest class: 95.0 %; balanced accuracy: 55.0 % with p=0," in said
    assert "largest ╌╌╌" in said
    assert "40.0 %" in said
    other = replace(arms[0], uneven_val_baseline=0.3)
    assert "╌" not in shown(study_view(DROPOUT, replace(uneven, arms=(other, *arms[1:]))))
    assert "argest class" not in shown(study_view(DROPOUT, result()))
