"""``import cnn_tui as lab``: which names there are, for people and for type checkers."""

import ast
import pkgutil
from pathlib import Path

import pytest

import cnn_tui
from cnn_tui.workspace import Workspace
from tests.subprocesses import run_python

CALL_EVERYTHING = """
import importlib, pkgutil
import cnn_tui as lab

def call_everything():
    run = lab.train("lenet5", epochs=1, train_images=100, follow=False).wait(show=False)
    return {
        "build": lab.build("lenet5"),
        "check": lab.check(1),
        "compare": lab.compare("lenet5", "vggcifar"),
        "demo": lab.demo("compound-scaling"),
        "evaluate": lab.evaluate(run),
        "LabError": lab.LabError("one sentence"),
        "list_nets": lab.list_nets(),
        "load": lab.load(run),
        "pool": lab.pool(),
        "predict": lab.predict(run, count=1),
        "receptive_field": lab.receptive_field("lenet5"),
        "runs": lab.runs(),
        "summary": lab.summary("lenet5"),
        "train": run,
    }

before = call_everything()
assert {*before, "__version__"} == set(lab.__all__), before.keys()
skipped = tuple(
    f"cnn_tui.{each}"
    for each in ("__main__", "grading.exercises.hidden_tests", "grading.exercises.starters")
)
for module in pkgutil.walk_packages(lab.__path__, "cnn_tui."):
    if not module.name.startswith(skipped):
        importlib.import_module(module.name)
after = call_everything()
assert [type(each) for each in after.values()] == [type(each) for each in before.values()]
"""


@pytest.mark.slow
def test_names_cost_no_torch_numpy_or_rich_before_they_are_needed() -> None:
    code = (
        "import sys, cnn_tui as lab\n"
        "assert dir(lab) == sorted(lab.__all__)\n"
        "print([each for each in ('torch', 'numpy', 'rich') if each in sys.modules])\n"
        "lab.summary, lab.train, lab.check, lab.pool, lab.load\n"
        "wrong = [lambda: lab.summary('lenet6'), lambda: lab.pool(kernel_size=9),\n"
        "         lambda: lab.train('lenet5', lr=-1), lambda: lab.load(workspace='/none')]\n"
        "for each in wrong:\n"
        "    try: each()\n"
        "    except lab.LabError as error: print(type(error).__name__)\n"
        "print([each for each in ('torch', 'numpy') if each in sys.modules])"
    )
    assert run_python(code).stdout.split() == ["[]", *["UsageError"] * 4, "[]"]


def test_every_name_leads_to_something_that_says_what_it_is() -> None:
    for name in set(cnn_tui.__all__) - {"__version__"}:
        assert getattr(cnn_tui, name).__doc__, name


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'cnn_tui' has no attribute 'sumary'"):
        cnn_tui.sumary  # noqa: B018


def test_no_module_takes_the_place_of_a_name_once_it_is_imported() -> None:
    modules = {each.name for each in pkgutil.iter_modules(cnn_tui.__path__)}
    assert modules & set(cnn_tui.__all__) == set()


def test_type_checkers_see_the_same_names_in_the_same_places() -> None:
    source = ast.parse(Path(cnn_tui.__file__).read_text())
    block = next(node for node in source.body if isinstance(node, ast.If))
    seen = {
        str(node.module).removeprefix("cnn_tui."): tuple(each.name for each in node.names)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
    }
    assert seen == cnn_tui._PLACES
    names = [name for names in seen.values() for name in names]
    assert sorted([*names, "__version__"]) == cnn_tui.__all__


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_name_works_before_and_after_all_modules_were_imported(workspace: Workspace) -> None:
    run_python(CALL_EVERYTHING, cwd=workspace.root, timeout=300)
