"""Whatever is drawn can be drawn in no room at all: a pane beside another may have none left."""

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console, Group, RenderableType
from rich.text import Text

import cnn_tui.render
from cnn_tui.analysis.activations.records import DropoutMasks, Histogram
from cnn_tui.analysis.evaluation_records import Mistake
from cnn_tui.analysis.networks.costs import costs as estimated
from cnn_tui.analysis.pooling.backward import backward
from cnn_tui.analysis.pooling.comparison import others
from cnn_tui.analysis.pooling.operators import pool
from cnn_tui.analysis.pooling.records import PoolSettings
from cnn_tui.analysis.pooling.translation import translation
from cnn_tui.bench.records import BenchResult
from cnn_tui.chapter.catalogue import demo_info, topics
from cnn_tui.chapter.glossary import glossary
from cnn_tui.chapter.questions.records import DemoPrediction
from cnn_tui.chapter.records import DemoResult, Grid, Say, Table
from cnn_tui.chapter.search import search_topics
from cnn_tui.data.records import ClassCount, SkippedFile
from cnn_tui.data.report_records import (
    Copies,
    DataReport,
    Duplicates,
    ImageCount,
    Sample,
    Sizes,
    Spread,
)
from cnn_tui.doctor import Finding
from cnn_tui.grading.catalogue import exercises, hidden_tests
from cnn_tui.grading.judge.plan import read_plan
from cnn_tui.grading.learner.hints import Hint
from cnn_tui.grading.records import HELPERS_MAY_BE_ALLOWED
from cnn_tui.nets.catalogue import all_nets
from cnn_tui.nets.source import SourceFile
from cnn_tui.render import bench, data
from cnn_tui.render import (
    translation as shifted,
)
from cnn_tui.render.draw import (
    axes,
    boxes,
    code,
    console,
    curves,
    grids,
    keys,
    layout,
    notebook,
    numbers,
    pictures,
    plot,
    score,
    tiles,
    words,
)
from cnn_tui.render.draw.blocks import GridBlock, above, beside
from cnn_tui.render.draw.grid_view import Edit, GridView
from cnn_tui.render.networks import (
    activations,
    catalogue,
    compare,
    confusion,
    costs,
    evaluation,
    gradients,
    head,
    layer_table,
    receptive_field,
    remarks,
    source,
    summary,
)
from cnn_tui.render.pages import (
    classroom,
    data_report,
    demo,
    exercise,
    failure,
    learner,
    new_exercise,
    overview,
    report,
    similarity,
    topic,
    verdict,
)
from cnn_tui.render.pages import prediction as prediction_page
from cnn_tui.render.pages.glossary import glossary_page, term_text
from cnn_tui.render.pages.lesson_table import lesson_table
from cnn_tui.render.pages.search import highlighted, search_page
from cnn_tui.render.pooling import arithmetic, comparison, facts, settings, shifts, unpooling
from cnn_tui.render.pooling import backward as pooling_backward
from cnn_tui.render.pooling import view as pooling
from cnn_tui.render.pooling import words as pooling_words
from cnn_tui.render.runs import comparison as run_comparison
from cnn_tui.render.runs import (
    experiment,
    experiment_charts,
    experiment_table,
    headline,
    inspected_layer,
    inspection,
    notes,
    page,
    queue,
    rate_range,
    repeats,
    sweep,
    training,
)
from cnn_tui.render.runs import settings as run_settings
from cnn_tui.render.runs import table as runs
from cnn_tui.training.rate_records import RateRange
from cnn_tui.training.store.comparison import Difference, RunComparison
from cnn_tui.training.store.inspection_records import Inspections
from cnn_tui.training.store.notes import RunNote
from cnn_tui.training.studies.catalogue import DROPOUT, STUDIES
from cnn_tui.training.studies.records import ArmCurves, StudyOrder, StudyProgress
from cnn_tui.workspace import Workspace
from tests.chapter.test_questions import CHOICE as CHOICES
from tests.chapter.test_questions import NUMBER as AMOUNT
from tests.made_up_runs import events
from tests.render.draw.test_pictures import maps
from tests.render.networks.test_activations import LAYER, LISTED
from tests.render.networks.test_evaluation import CIFAR10, GRAY, judged, predictions
from tests.render.networks.test_gradients import FLOWS
from tests.render.networks.test_summary import CONV, TIMED, small
from tests.render.pages.test_classroom import CLASS
from tests.render.pages.test_learner import PASSED, STANDING
from tests.render.pages.test_new_exercise import TRIALS
from tests.render.pages.test_report import COMPARED, REPORT
from tests.render.pages.test_similarity import ALIKE
from tests.render.runs.test_experiment import result as study_result
from tests.render.runs.test_experiment import with_wrong_labels
from tests.render.runs.test_headline import CONFIG, overfitting, status
from tests.render.runs.test_table import STATUS
from tests.render.runs.test_training import ALL, history
from tests.render.runs.test_training import on_gpu as told_on_gpu
from tests.render.test_data import FOLDER
from tests.render.test_pooling import CHAPTER, picture
from tests.training.store.test_inspections import IMAGES, PIXELS, SNAPSHOT

CODE_LINES = "def f(x):\n    return x\n"
WITHOUT_HELPERS = replace(REPORT, unusable=HELPERS_MAY_BE_ALLOWED)
UNEQUAL = replace(REPORT, checks=(COMPARED,))
WIDTHS = range(6)
HEIGHTS = (0, 1, 5)
FAILED = status("failed", 3, "CUDA ran out of memory: use a smaller --batch-size, or --device cpu.")
MASKS = DropoutMasks(0.5, 2.0, ((1.0, 0.0),) * 2, ((1.0, 1.0),) * 2, kept=0.5, values=4)
HISTOGRAM = Histogram("Input", -2.0, 2.0, (0, 1, 8, 32, 8, 1, 0), 0.0, 0.72)
BLOCKS = (
    Say("A sentence that is longer than five columns."),
    Grid("Map", ((1, 2), (3, 4)), marks=((0, 1),)),
    Table("Numbers", ("name", "value"), (("a", 1.0), ("b", 2.5e7))),
)
DEMO = DemoResult("name", "A title", {"p": 0.5}, BLOCKS, {})
NET = small(CONV)
MAP = pool(CHAPTER, PoolSettings(padding=1))
LARGE = pool(picture(32), PoolSettings())
MOVED = [translation(grid, PoolSettings()) for grid in (CHAPTER, picture(16))]
EVALUATION = judged(CIFAR10)
PETS = DataReport(
    name="folder:/home/somebody/pictures of my own",
    title="Your own images",
    is_split=True,
    parts=(ImageCount("train", 12_345), ImageCount("test", 7)),
    per_class=(ClassCount("a long name of a class", 12_345, 0, 7), ClassCount("b", 1, 0, 0)),
    sizes=Sizes(Spread(3, 40, 4096), Spread(3, 30, 4096), ImageCount("40×30", 9_000), 321),
    modes=(ImageCount("RGB", 12_000), ImageCount("I;16", 352)),
    depths=(ImageCount("8 bits", 12_000), ImageCount("12 bits", 352)),
    scale=4095.0,
    duplicates=Duplicates(
        (ImageCount("train", 3),),
        (ImageCount("test", 1),),
        1,
        (Copies(("train/a/1.png", "test/b/2.png"), ("a", "b")),),
    ),
    unreadable=(SkippedFile("train/a/cut.png", "image file is truncated"),),
    passed_over=("train/notes.txt",),
    notes=("The test set has no images of b.",),
    samples=(Sample("train/a/1.png", "a long name of a class", 2, 2, 3, bytes(range(12))),) * 3,
)
BARE_PETS = replace(
    PETS, sizes=None, duplicates=Duplicates(), unreadable=(), passed_over=(), notes=(), samples=()
)
STUDIED = StudyProgress(
    StudyOrder("dropout", "digits", seeds=3),
    "running",
    done=1,
    total=12,
    message="The disk is full.",
    curves=tuple(ArmCurves(a.label, a.val_accuracy, a.train_loss) for a in study_result(2).arms),
    result=study_result(2),
)


LINES = (
    curves.Chart("Loss", ()),
    curves.Chart(
        "Loss",
        (
            curves.Series("loss", (0, 1, 2), (3.0, 2.0, 1.0), star=1.0),
            curves.Series("of a long name", (0, 1, 2), (1.0, 2.0, 1.0), on_top=True),
        ),
        note="a note",
        cursor=1.0,
    ),
)


def view(grid: Any) -> GridView:
    return GridView("Map", grid)


def training_views(width: int) -> list[RenderableType]:
    told = [history(), history("other", told_on_gpu(list(events(10, 5, None))))]
    return [training.charts(told, width=width, height=height, view=ALL) for height in HEIGHTS]


def headlines(width: int) -> list[RenderableType]:
    return [
        headline.run_headline(each, told, config=config, width=width, lines=lines)
        for each in (FAILED, status("running", 7), status("finished", 10))
        for told in ([], overfitting())
        for config in (None, CONFIG)
        for lines in (None, *HEIGHTS)
    ]


def pool_views(width: int) -> list[RenderableType]:
    return [
        pooling.pool_view(each, width=width, edited=edited, moved=each)
        for each in (MAP, LARGE)
        for edited in (None, Edit(0, 0, "1.5"))
    ]


def pooled_maps(width: int) -> list[RenderableType]:
    return [
        pooling.pooled_map(each, width=width, height=height, edited=edited)
        for each in (MAP, LARGE)
        for height in (None, *HEIGHTS)
        for edited in (None, Edit(0, 0, "1.5"))
    ]


GRADIENTS = [backward(each) for each in (MAP, LARGE)]


def gradient_maps(width: int) -> list[RenderableType]:
    return [
        pooling_backward.gradient_map(each, width=width, height=height, edited=edited)
        for each in GRADIENTS
        for height in (None, *HEIGHTS)
        for edited in (None, Edit(0, 0, "1.5"))
    ]


def unpooled_maps(width: int) -> list[RenderableType]:
    return [
        unpooling.unpooled_map(each, width=width, height=height)
        for each in (pool(CHAPTER, PoolSettings()), LARGE)
        for height in (None, *HEIGHTS)
    ]


PREDICTED = DemoPrediction("about half", "4 of 7 (57 %)", True)
DRAWN: Mapping[str, Callable[[int], Any]] = {
    "activations.activations_view": lambda width: [
        activations.activations_view(LISTED, columns=width),
        *(activations.activations_view(LAYER, columns=width, lines=lines) for lines in HEIGHTS),
    ],
    "activations.heading": lambda width: activations.heading(LAYER, columns=width),
    "activations.layer_table": lambda width: activations.layer_table(LISTED),
    "activations.layer_body": lambda width: activations.layer_body(
        replace(LAYER, histograms=(HISTOGRAM,), masks=MASKS), columns=width
    ),
    "bench.bench_table": lambda width: bench.bench_table(
        [BenchResult("startup", 0.5, "s", 0.4, 1.25, "<= 1.5", True, note="Said so")]
    ),
    "new_exercise.trials_page": lambda width: new_exercise.trials_page(TRIALS),
    "similarity.similarity_page": lambda width: similarity.similarity_page(ALIKE),
    "classroom.class_summary": lambda width: classroom.class_summary(CLASS),
    "compare.net_comparison": lambda width: compare.net_comparison([NET, TIMED]),
    "compare.net_measurements": lambda width: compare.net_measurements([NET, TIMED]),
    "axes.x_axis": lambda width: str(axes.x_axis(axes.Scale(), (0.0, 9.0), width)),
    "curves.in_view": lambda width: [
        str(curves.in_view(series, each, width)) for each in LINES for series in each.series
    ],
    "layout.lay_out": lambda width: [
        str(layout.lay_out(each, width, height)) for each in LINES for height in HEIGHTS
    ],
    "curves.thin_out": lambda width: str(curves.thin_out(range(99), range(99), width)),
    "numbers.share_bar": lambda width: numbers.share_bar(1, 3, width),
    "legend.legend_lines": lambda width: [
        line for each in LINES for line in layout.lay_out(each, width, 24).legend
    ],
    "page.run_notes": lambda width: [
        line
        for each in (FAILED, status("finished", 10), status("stopped", 4))
        for note in page.run_notes(each, overfitting(), CONFIG, width)
        for line in note
    ],
    "page.run_state": lambda width: page.run_state(FAILED),
    "page.differences_line": lambda width: page.differences_line(
        [CONFIG, replace(CONFIG, lr=0.02, seed=3)], width
    ),
    "comparison.comparison_view": lambda width: run_comparison.comparison_view(
        RunComparison(
            (FAILED, status("finished", 10)),
            (Difference("lr", (0.02, 0.002)), Difference("dropout", (None, 0.3))),
            False,
            "They train on different images: digits against mnist.",
        )
    ),
    "settings.settings_line": lambda width: run_settings.settings_line(
        CONFIG, page.machine_words(overfitting()), width
    ),
    "plot.chart": lambda width: [
        plot.chart(each.title, each.series, width=width, height=height)
        for each in LINES
        for height in HEIGHTS
    ],
    "plot.chart_lines": lambda width: [
        line
        for each in LINES
        for height in HEIGHTS
        for line in plot.chart_lines(layout.lay_out(each, width, height), layout.Edges(9, 9))
    ],
    "data.data_table": lambda width: data.data_table([FOLDER], "/data"),
    "data.class_table": lambda width: data.class_table([ClassCount("a long name", 9, 1, 2)]),
    "data_report.data_report_view": lambda width: [
        data_report.data_report_view(each, columns=width) for each in (PETS, BARE_PETS)
    ],
    "demo.demo_blocks": lambda width: [demo.demo_blocks(DEMO), demo.demo_blocks(DEMO, DEMO)],
    "demo.demo_list": lambda width: demo.demo_list(
        [demo_info(name) for each in topics()[:3] for name in each.demos]
    ),
    "evaluation.evaluation_view": lambda width: evaluation.evaluation_view(
        EVALUATION, columns=width
    ),
    "evaluation.predictions_view": lambda width: evaluation.predictions_view(
        predictions("3", "5", None), columns=width
    ),
    "evaluation.judged_heading": lambda width: evaluation.judged_heading(EVALUATION.judged),
    "evaluation.evaluation_heading": lambda width: evaluation.evaluation_heading(EVALUATION),
    "evaluation.class_bars": lambda width: evaluation.class_bars(EVALUATION, columns=width),
    "confusion.confusion_grid": lambda width: [
        confusion.confusion_grid(judged(CIFAR10[:count]), columns=width) for count in (2, 3, 10)
    ],
    "evaluation.mistake_tiles": lambda width: [
        evaluation.mistake_tiles(mistakes, columns=width)
        for mistakes in ((), (Mistake(7, "cat", "automobile", 0.987, GRAY),) * 3)
    ],
    "evaluation.prediction_tiles": lambda width: evaluation.prediction_tiles(
        predictions("3", None).images, columns=width
    ),
    "exercise.task_page": lambda width: exercise.task_page(exercises()[0], "Your file: a.py"),
    "exercise.hint_page": lambda width: exercise.hint_page([HINT]),
    "exercise.hint_text": lambda width: exercise.hint_text(HINT),
    "exercise.diff_page": lambda width: exercise.diff_page(DIFFERENCE),
    "failure.first_failure": lambda width: [
        failure.first_failure(UNEQUAL, COMPARED, with_sentence=with_sentence, is_roomy=is_roomy)
        for with_sentence in (True, False)
        for is_roomy in (True, False)
    ],
    "failure.hanging": lambda width: Group(
        *failure.hanging(Text("    return max_pool(x)"), Console(), max(1, width))
    ),
    "failure.printed": lambda width: Group(*failure.printed("one\ntwo\nthree\nfour", 2)),
    "score.score_bar": lambda width: score.score_bar(1, 3, width),
    "score.points": lambda width: score.points(1, 3),
    "verdict.check_rows": lambda width: verdict.check_rows(
        read_plan(hidden_tests(exercises()[0])), REPORT.checks
    ),
    "verdict.brief_check_rows": lambda width: verdict.brief_check_rows(
        read_plan(hidden_tests(exercises()[0])), REPORT.checks
    ),
    "verdict.report_rows": lambda width: verdict.report_rows(REPORT),
    "verdict.brief_rows": lambda width: [
        verdict.brief_rows(REPORT, only_first=only_first) for only_first in (False, True)
    ],
    "verdict.verdict_line": lambda width: verdict.verdict_line(REPORT),
    "verdict.verdict_body": lambda width: [
        verdict.verdict_body(each, CODE_LINES, verdict.Achievement(3, 2), Text("keys"))
        for each in (
            UNEQUAL,
            replace(REPORT, passed=True),
            replace(REPORT, unusable="No Python.", lines=(2,)),
            replace(REPORT, not_graded="The machine was too busy for this check."),
        )
    ],
    "verdict.full_log": lambda width: verdict.full_log(replace(UNEQUAL, lines=(1,)), CODE_LINES),
    "exercise.diff_text": lambda width: exercise.diff_text(DIFFERENCE),
    "experiment.studies_view": lambda width: experiment.studies_view(STUDIES),
    "experiment.study_view": lambda width: experiment.study_view(
        DROPOUT, study_result(), width=width
    ),
    "experiment.progress_view": lambda width: experiment.progress_view(
        DROPOUT, STUDIED, width=width
    ),
    "experiment_charts.rows_that_fit": lambda width: [
        str(experiment_charts.rows_that_fit(width, height)) for height in HEIGHTS
    ],
    "experiment_charts.study_charts": lambda width: [
        experiment_charts.study_charts(STUDIED.curves, width, height) for height in HEIGHTS
    ],
    "experiment.standing": lambda width: experiment.standing(STUDIED),
    "experiment.outdated_sentence": lambda width: Text(experiment.outdated_sentence(3)),
    "experiment_table.study_table": lambda width: [
        experiment_table.study_table(each, width) for each in (study_result(), with_wrong_labels())
    ],
    "experiment_table.table_with_notes": lambda width: [
        Group(*experiment_table.table_with_notes(each, width))
        for each in (study_result(), with_wrong_labels())
    ],
    "gradients.gradient_view": lambda width: gradients.gradient_view(FLOWS, width=width),
    "gradients.gradient_chart": lambda width: [
        gradients.gradient_chart(FLOWS, width=width, height=height) for height in HEIGHTS
    ],
    "gradients.gradient_table": lambda width: gradients.gradient_table(FLOWS),
    "grids.grids_in_a_row": lambda width: [
        grids.grids_in_a_row([view(CHAPTER), view(picture(32))], ["  "], width, height)
        for height in (None, *HEIGHTS)
    ],
    "grids.looks": lambda width: str(grids.looks([view(CHAPTER)], ["  "], width)),
    "grids.spare_columns": lambda width: str(
        grids.spare_columns([view(CHAPTER), view(CHAPTER)], ["  "], width)
    ),
    "grids.number_grid": lambda width: grids.number_grid(CHAPTER),
    "headline.run_headline": headlines,
    "keys.key_text": lambda width: keys.key_text("r", "run the demo"),
    "keys.keyed": lambda width: keys.keyed("Press {r} to run the demo."),
    "keys.keys_text": lambda width: keys.keys_text([("r", "run"), ("h", "hint")]),
    "layer_table.layer_table": lambda width: layer_table.layer_table(TIMED),
    "overview.overview": lambda width: [
        overview.overview(None),
        overview.overview(Workspace(Path("/nowhere"))),
    ],
    "overview.workspace_made": lambda width: overview.workspace_made(
        Workspace(Path("/nowhere")), [Path("/nowhere/exercises/exercise1.py")], exercises()[0]
    ),
    "overview.findings_table": lambda width: overview.findings_table(
        [Finding("Python", "3.11"), Finding("CUDA", "none", False, "Install a driver.")]
    ),
    "pictures.half_block_image": lambda width: pictures.half_block_image(GRAY, width),
    "pictures.feature_map_tiles": lambda width: [
        pictures.feature_map_tiles(maps(5, side), side, side, columns=width, lines=lines)
        for side in (1, 8, 28)
        for lines in (None, *HEIGHTS)
    ],
    "pictures.histogram_view": lambda width: pictures.histogram_view(HISTOGRAM, width=width),
    "pictures.dropout_view": lambda width: pictures.dropout_view(MASKS, width=width),
    "pictures.mask_cells": lambda width: pictures.mask_cells(MASKS.train),
    "tiles.tiles": lambda width: [
        tiles.tiles([(Text("cat"), GRAY)] * count, 12, columns=width, color=color)
        for count in (0, 1, 3)
        for color in (None, True)
    ],
    "tiles.cut": lambda width: tiles.cut("a cat", width),
    "notebook.to_text": lambda width: notebook.to_text(bench.bench_table([]), width),
    "arithmetic.is_in_full": lambda width: [
        str(arithmetic.is_in_full(MAP.settings, MAP.window(0, 0), width, 2))
    ],
    "arithmetic.arithmetic": lambda width: arithmetic.arithmetic(
        MAP.settings, LARGE.window(0, 0), width
    ),
    "arithmetic.arithmetic_line": lambda width: arithmetic.arithmetic_line(
        MAP.settings, LARGE.window(0, 0), width
    ),
    "blocks.above": lambda width: above([GridBlock(), GridBlock([Text("a")])]),
    "blocks.beside": lambda width: beside([GridBlock(), GridBlock([Text("a")])], [" " * width]),
    "boxes.boxed": lambda width: boxes.boxed(view(CHAPTER), boxes.CellSize(1, width, 0)),
    "boxes.line_of": lambda width: boxes.line_of([("a", ""), ("b", "bold")]),
    "comparison.comparison": lambda width: [
        comparison.comparison(
            others(CHAPTER, MAP.settings),
            MAP,
            (0, 0),
            MOVED[0].comparisons,
            width=width,
            height=height,
        )
        for height in HEIGHTS
    ],
    "backward.gradient_view": lambda width: pooling_backward.gradient_view(
        GRADIENTS[0], width=width
    ),
    "backward.gradient_steps": lambda width: list(
        pooling_backward.gradient_steps(GRADIENTS[0], width)
    ),
    "backward.gradient_map": gradient_maps,
    "comparison.gradients_compared": lambda width: [
        comparison.gradients_compared(
            others(CHAPTER, PoolSettings(padding=1)), MAP, (0, 0), width=width, height=height
        )
        for height in HEIGHTS
    ],
    "backward.gradient_facts": lambda width: pooling_backward.gradient_facts(
        GRADIENTS[0], width=width
    ),
    "unpooling.unpooled_view": lambda width: unpooling.unpooled_view(LARGE, width=width),
    "unpooling.unpooled_map": unpooled_maps,
    "unpooling.unpooled_facts": lambda width: unpooling.unpooled_facts(LARGE, width=width),
    "unpooling.indices_view": lambda width: unpooling.indices_view(LARGE, width=width),
    "backward.over_input": lambda width: pooling.boxed_or_not(
        [pooling_backward.over_input(MAP, MAP.window(0, 0), MAP.input, "Map")], width, 20
    ),
    "facts.labeled": lambda width: facts.labeled((("Label", ["a few words"]),), width),
    "facts.facts": lambda width: facts.facts(MAP, MAP.window(0, 0), MAP, width=width, key="t"),
    "settings.heading": lambda width: settings.heading("chapter", "a map", PoolSettings()),
    "shifts.shift_table": lambda width: shifts.shift_table(MOVED[0].comparisons, width),
    "view.pool_view": pool_views,
    "view.pooled_map": pooled_maps,
    "view.arranged": lambda width: pooling.arranged(
        [pooling.input_view(MAP, MAP.window(0, 0)), pooling.output_view(MAP, None)],
        pooling_words.Words(MAP, MAP.window(0, 0)),
        width=width,
    ),
    "view.boxed_or_not": lambda width: pooling.boxed_or_not(
        [pooling.output_view(MAP, None)], width, 20
    ),
    "view.pool_steps": lambda width: list(pooling.pool_steps(MAP, width)),
    "words.wrapped": lambda width: pooling_words.wrapped([Text("a few words")], width),
    "learner.progress_page": lambda width: learner.progress_page([PASSED, STANDING]),
    "learner.hints_page": lambda width: learner.hints_page(exercises()[0], [HINT]),
    "costs.net_costs": lambda width: costs.net_costs(estimated(NET)),
    "costs.cost_parts": lambda width: costs.cost_parts(estimated(NET)),
    "receptive_field.receptive_field_table": lambda width: receptive_field.receptive_field_table(
        TIMED
    ),
    "report.check_report": lambda width: report.check_report(REPORT),
    "report.helpers_line": lambda width: report.helpers_line(WITHOUT_HELPERS),
    "report.remarks": lambda width: report.remarks(REPORT),
    "report.check_summary": lambda width: report.check_summary([REPORT, REPORT]),
    "queue.queue_table": lambda width: [
        queue.queue_table(each) for each in ([], [replace(STATUS, state="queued", queue="cpu")])
    ],
    "sweep.sweep_table": lambda width: [
        sweep.sweep_table(each)
        for each in ([STATUS], [STATUS, replace(STATUS, settings={**STATUS.settings, "seed": 7})])
    ],
    "inspection.inspection_view": lambda width: [
        inspection.inspection_view(INSPECTED, SNAPSHOT, each, width=width)
        for each in inspection.QUANTITIES.values()
    ],
    "inspection.layer_heat": lambda width: inspection.layer_heat(
        INSPECTED, SNAPSHOT, inspection.QUANTITIES["dead"], width=width, rows=1, marked=1
    ),
    "inspected_layer.layer_view": lambda width: [
        inspected_layer.layer_view(
            Inspections((replace(SNAPSHOT, step=5), SNAPSHOT)), name, each, width=width
        )
        for name in ("conv1", "bn1")
        for each in inspection.QUANTITIES.values()
    ],
    "inspection.layer_table": lambda width: inspection.layer_table(INSPECTED, "bn1"),
    "inspection.filter_pictures": lambda width: inspection.filter_pictures(PIXELS, width=width),
    "inspection.fixed_images": lambda width: inspection.fixed_images(IMAGES, SNAPSHOT, width=width),
    "notes.notes_view": lambda width: [
        notes.notes_view([RunNote(0.0, "It learns, but slowly.")]),
        notes.notes_view([]),
    ],
    "table.grouped_table": lambda width: runs.grouped_table("lr", [(0.1, [STATUS]), (None, [])]),
    "rate_range.rate_range_view": lambda width: [
        rate_range.rate_range_view(each, width=width) for each in (RATES, RateRange((), (), *NEVER))
    ],
    "table.runs_table": lambda width: runs.runs_table([STATUS, FAILED]),
    "summary.net_summary": lambda width: [
        summary.net_summary(TIMED),
        summary.net_summary(TIMED, 1, unfold=True),
    ],
    "catalogue.TimelineView": lambda width: catalogue.TimelineView(all_nets(), all_nets()),
    "head.net_head": lambda width: [
        head.net_head(info, NET, lines=lines) for info in (None, all_nets()[0]) for lines in (1, 3)
    ],
    "head.title_line": lambda width: head.title_line("Own", NET),
    "source.SourceView": lambda width: source.SourceView(
        (SourceFile("a.py", Path("a.py"), CODE),) * 2
    ),
    "remarks.fact_table": lambda width: remarks.fact_table(),
    "summary.layer_notes": lambda width: summary.layer_notes(NET, layer_table.layer_table(NET)),
    "receptive_field.field_table": lambda width: [
        part for part in receptive_field.field_table(NET) if part is not None
    ],
    "columns.needed": lambda width: [],
    "catalogue.net_list": lambda width: catalogue.net_list(all_nets()),
    "catalogue.net_choice": lambda width: catalogue.net_choice(all_nets()),
    "lesson_table.lesson_table": lambda width: [
        Group(
            *lesson_table(
                [Text("name")] * columns, [[Text("two words")] * columns], ["left"] * columns, width
            )
        )
        for columns in (1, 2, 3)
    ],
    "topic.topic_page": lambda width: [topic.topic_page(each) for each in topics()[:1]],
    "topic.topic_sections": lambda width: [
        section.content for each in topics()[:1] for section in topic.topic_sections(each, 1)
    ],
    "topic.topic_tree": lambda width: topic.topic_tree(topics()[:6]),
    "code.python_code": lambda width: code.python_code("for x in range(3):  # three times"),
    "code.diagram": lambda width: code.diagram("x ─┤ conv ├─ y"),
    "prediction.question_page": lambda width: [
        prediction_page.question_page(each) for each in (CHOICES, AMOUNT)
    ],
    "prediction.compared": lambda width: prediction_page.compared(PREDICTED),
    "prediction.earlier": lambda width: prediction_page.earlier(PREDICTED),
    "prediction.predictions_page": lambda width: [
        prediction_page.predictions_page(each) for each in ({}, {"max-and-average": PREDICTED})
    ],
    "prediction.predictions_line": lambda width: prediction_page.predictions_line(
        {"max-and-average": PREDICTED}
    ),
    "glossary.glossary_page": lambda width: glossary_page(glossary()),
    "glossary.term_text": lambda width: term_text(glossary()[0]),
    "search.highlighted": lambda width: highlighted("Max pooling", "pool"),
    "search.search_page": lambda width: search_page(search_topics("pool dropout"), "pool dropout"),
    "training.charts": training_views,
    "translation.translation_view": lambda width: [
        shifted.translation_view(moved, width=width, height=height)
        for moved in MOVED
        for height in (None, *HEIGHTS)
    ],
    "translation.shift_sentences": lambda width: shifted.shift_sentences(MOVED[0]),
    "page.note_lines": lambda width: page.note_lines([Text("a few words"), Text("more")], width),
    "repeats.mean_and_band": lambda width: str(repeats.mean_and_band([([1.0], [2.0])])),
    "words.shortened": lambda width: words.shortened(Text("a few words"), width),
    "console.plain_text": lambda width: console.plain_text(Text("a few words"), max(1, width)),
    "console.wrapped_lines": lambda width: console.wrapped_lines(Text("a few words"), width),
}
"""What draws, by module and name, and how it is called for a page of ``width`` columns."""
NEVER = (None, None, None)
RATES = RateRange((1e-4, 1e-3, 1e-2, 1e-1), (2.3, 1.2, 0.9, 7.0), 1e-3, 1e-2, 1e-1)
INSPECTED = Inspections((SNAPSHOT,), IMAGES)
HINT = Hint("exercise1", 1, 3, "Think of a window that walks over the map.")
CODE = "def draw(width):\n    return a_line_that_is_longer_than_a_page\n"
DIFFERENCE = "--- yours\n+++ solution\n@@ -1 +1 @@\n-a = 1\n+a = 2\n"


def drawing_functions() -> set[str]:
    """Every public function of render that draws, or asks how much room there is."""
    found = set()
    for info in pkgutil.walk_packages(cnn_tui.render.__path__, "cnn_tui.render."):
        module = importlib.import_module(info.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            is_public = not name.startswith("_") and function.__module__ == module.__name__
            if is_public and (_is_drawable(_returned(function)) or _takes_room(function)):
                found.add(f"{info.name.rpartition('.')[2]}.{name}")
    return found


def _takes_room(function: Callable[..., Any]) -> bool:
    return not {"width", "columns"}.isdisjoint(inspect.signature(function).parameters)


def _returned(function: Callable[..., Any]) -> Any:
    told = inspect.signature(function).return_annotation
    return vars(inspect.getmodule(function)).get(told) if isinstance(told, str) else told


def _is_drawable(kind: Any) -> bool:
    if kind == RenderableType:
        return True
    inner = typing.get_args(kind)
    if inner:
        return any(map(_is_drawable, inner))
    drawable = ("__rich_console__", "__rich__", "content")
    return isinstance(kind, type) and any(hasattr(kind, each) for each in drawable)


def test_knows_all_that_draws() -> None:
    assert drawing_functions() - DRAWN.keys() == set()


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWN)
def test_draws_in_hardly_any_room(name: str) -> None:
    console = Console(width=80, color_system="truecolor")
    for width in WIDTHS:
        made = DRAWN[name](width)
        for each in made if isinstance(made, list | tuple) else [made]:
            options = console.options.update(width=width, height=None)
            lines = console.render_lines(each, options)
            assert isinstance(lines, list)
