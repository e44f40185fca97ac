"""The examples in the docstrings of the public names work as they stand."""

import doctest
import inspect

import pytest

import cnn_tui as lab
from cnn_tui.api.pooling import Pooled
from cnn_tui.workspace import Workspace

TRAINS_OR_CHECKS = ("check", "load", "train")
WITHOUT_EXAMPLE = ("LabError", "__version__", "evaluate", "predict")


def _examples() -> list[doctest.DocTest]:
    named = {name: getattr(lab, name) for name in lab.__all__ if name not in WITHOUT_EXAMPLE}
    named["Pooled.shifted"] = Pooled.shifted
    parser = doctest.DocTestParser()
    return [
        parser.get_doctest(inspect.getdoc(each) or "", {}, name, None, 0)
        for name, each in named.items()
    ]


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(each, id=each.name, marks=[pytest.mark.slow] * (each.name in TRAINS_OR_CHECKS))
        for each in _examples()
    ],
)
def test_example(
    example: doctest.DocTest, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace.root)
    assert example.examples
    told: list[str] = []
    results = doctest.DocTestRunner(verbose=False).run(example, out=told.append)
    assert results.failed == 0, "".join(told)
