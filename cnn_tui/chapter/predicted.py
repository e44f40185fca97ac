"""What a learner predicted of the demos: ``.cnn-lab/predictions.json``.

It holds for each demo the latest answer to its question, and what came out.
"""

from collections.abc import Mapping
from typing import Any

from cnn_tui.chapter.questions.records import DemoPrediction
from cnn_tui.errors import LabFault
from cnn_tui.processes import keeps_no_locks
from cnn_tui.state_file import StateFile
from cnn_tui.workspace import Workspace

KeptPredictions = Mapping[str, DemoPrediction]
"""By the demo's name."""
NO_PREDICTIONS: KeptPredictions = {}
TEXTS, RIGHT = ("answer", "outcome"), "right"


def load(workspace: Workspace | None) -> KeptPredictions:
    """What is remembered; nothing without a workspace, or where the file is missing or damaged."""
    return NO_PREDICTIONS if workspace is None else _file(workspace).read()


def remember(workspace: Workspace, demo: str, prediction: DemoPrediction) -> KeptPredictions:
    """Remember what was predicted of a demo in the place of an earlier answer; returns all.

    A damaged file is kept aside. Raises LabFault where nothing can be written.
    """
    file = _file(workspace)
    try:
        return file.change(lambda before: {**before, demo: prediction})
    except OSError as error:
        lockless = keeps_no_locks(error)
        way_out = "put the workspace on another one" if lockless else "make it writable"
        raise LabFault(
            f"Your prediction could not be saved to {file.path} ({error.strerror}): "
            f"{way_out}, else it is forgotten when you leave."
        ) from error


def trouble(workspace: Workspace) -> str:
    """Why what the file holds cannot be shown, in a sentence; "" where it can."""
    return _file(workspace).trouble()


def tally(kept: KeptPredictions) -> str:
    """How many were right of how many: ``7/9``; "" without any."""
    right = sum(each.is_right for each in kept.values())
    return f"{right}/{len(kept)}" if kept else ""


def _file(workspace: Workspace) -> StateFile[KeptPredictions]:
    path = workspace.state / "predictions.json"
    return StateFile(path, version=1, empty=NO_PREDICTIONS, decode=_decoded, encode=_encoded)


def _decoded(fields: dict[str, Any]) -> KeptPredictions:
    return {name: _prediction(each) for name, each in dict(fields["predictions"]).items()}


def _prediction(fields: dict[str, Any]) -> DemoPrediction:
    answer, outcome, is_right = (fields[name] for name in (*TEXTS, RIGHT))
    if not (isinstance(answer, str) and isinstance(outcome, str) and type(is_right) is bool):
        raise ValueError("answer, outcome and right are not those of a prediction")
    question = fields.get("question", "")
    if not isinstance(question, str):
        raise ValueError("question is not that of a prediction")
    return DemoPrediction(answer, outcome, is_right, question)


def _encoded(kept: KeptPredictions) -> dict[str, Any]:
    return {
        "predictions": {
            name: {
                "question": each.question,
                "answer": each.answer,
                "outcome": each.outcome,
                RIGHT: each.is_right,
            }
            for name, each in kept.items()
        }
    }
