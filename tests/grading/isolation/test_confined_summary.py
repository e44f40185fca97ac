"""A learner's own network is taken apart in the confined host, whatever its file does."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from cnn_tui.analysis.networks.input_specs import InputSpec, NetInputs
from cnn_tui.analysis.networks.input_texts import parse_line
from cnn_tui.analysis.networks.records import NetNote, NetSummary
from cnn_tui.analysis.networks.work_records import BytesAtBatch, KindWork, MemoryUse
from cnn_tui.errors import UsageError
from cnn_tui.grading.isolation import confined_summary
from cnn_tui.grading.isolation.confined_summary import summarize_file
from cnn_tui.grading.isolation.launch import Hosting, hosting
from cnn_tui.grading.isolation.untrusted_records import flat
from cnn_tui.grading.sandbox import levels
from tests.grading.isolation.test_untrusted_records import LAYER, SUMMARY

NOTE = NetNote("unused-layer", "fc", "It is not used.", "modules")
NET = """
import torch
from torch import nn

class ConvBlock(nn.Sequential):
    def __init__(self, inputs, outputs, batchnorm):
        norm = [nn.BatchNorm2d(outputs)] if batchnorm else []
        super().__init__(nn.Conv2d(inputs, outputs, 3, padding=1), *norm, nn.ReLU())

class VGGStyle(nn.Module):
    def __init__(self, batchnorm=True):
        super().__init__()
        self.features = nn.Sequential(
            ConvBlock(1, 16, batchnorm), nn.MaxPool2d(2), ConvBlock(16, 32, batchnorm)
        )
        self.classifier = nn.Linear(32, 10)

    def forward(self, x):
        print("x" * 100_000)
        return self.classifier(self.features(x).mean((2, 3)))
"""

FORGED = """
import json
from cnn_tui.grading.isolation import service
service.OPERATIONS["summarize"] = lambda *_: %s
"""


@pytest.fixture(scope="module")
def host() -> Iterator[Hosting]:
    with hosting() as running:
        threading.Thread(target=running.output.readlines, daemon=True).start()
        yield running


@pytest.fixture(autouse=True)
def one_host_for_all(host: Hosting, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file still gets a process of its own; only torch is not loaded again for each."""

    @contextmanager
    def running() -> Iterator[Hosting]:
        yield host

    monkeypatch.setattr(confined_summary, "hosting", running)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "exercises"
    folder.mkdir()
    return folder / "own.py"


def take_apart(path: Path, source: str, name: str = "") -> NetSummary:
    path.write_text(source, encoding="utf-8")
    return summarize_file(path, name, (1, 16, 16))


def refusal(path: Path, source: str, name: str = "") -> str:
    with pytest.raises(UsageError) as error:
        take_apart(path, source, name)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.slow
def test_takes_a_learners_network_apart(own: Path) -> None:
    summary = take_apart(own, NET, "VGGStyle")
    assert (summary.net, summary.title) == (f"{own}:VGGStyle", "VGGStyle in own.py")
    assert summary.total_parameters == 160 + 32 + 4640 + 64 + 330
    assert [layer.type for layer in summary.layers][:4] == [
        "Conv2d",
        "BatchNorm2d",
        "ReLU",
        "MaxPool2d",
    ]
    assert summary.modules[-1].output_shape == (10,)
    assert [note.kind for note in summary.notes] == ["bias-before-batch-norm"]
    plain = summarize_file(own, "VGGStyle", (1, 16, 16), options=[("batchnorm", "false")])
    assert plain.net == f"{own}:VGGStyle,batchnorm=false"
    assert plain.total_parameters == 160 + 4640 + 330


def test_guesses_the_input_and_takes_the_only_network(own: Path) -> None:
    source = (
        "from torch import nn\nclass A(nn.Conv2d):\n"
        "    def __init__(self):\n        super().__init__(3, 4, 3)\n"
    )
    own.write_text(source, encoding="utf-8")
    summary = summarize_file(own)
    assert summary.net == f"{own}:A"
    assert summary.input_shape == (3, 32, 32)
    assert "3×32×32 is assumed" in summary.note
    assert f"The file ran in a process of its own (sandbox: {levels.choose()})." in summary.note


@pytest.mark.slow
def test_gives_a_confined_network_any_inputs(own: Path) -> None:
    source = (
        "from torch import nn\nclass A(nn.Bilinear):\n"
        "    def __init__(self):\n        super().__init__(3, 4, 5)\n"
    )
    own.write_text(source, encoding="utf-8")
    given = parse_line("3 input2=4 batch 2")
    summary = summarize_file(own, "A", given)
    assert (summary.given, summary.output_shape) == (given, (5,))
    with pytest.raises(UsageError, match=r"takes 2 inputs \(input1 and input2\)") as error:
        summarize_file(own, "A", (3,))
    assert error.value.fields == ("input_shape",)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (NET, "own.py holds ConvBlock, VGGStyle: name one, as in /"),
        ("import os\nos._exit(5)\n", "own.py, while it is loaded, ended its own process"),
        ("raise KeyboardInterrupt\n", "while it is loaded, raised KeyboardInterrupt (line 1"),
        ("x = \n", "own.py has a syntax error in line 1"),
        (
            "from torch import nn\nclass A(nn.Linear):\n    def __init__(self):\n"
            "        import os\n        os.kill(os.getpid(), 9)\n",
            "The network in own.py, while it is taken apart, was ended by SIGKILL.",
        ),
    ],
)
def test_says_in_one_sentence_what_is_wrong(own: Path, source: str, sentence: str) -> None:
    assert sentence in refusal(own, source)


@pytest.mark.parametrize("source", ["import neighbor\n", "from . import neighbor\n"])
def test_explains_that_a_file_sees_nothing_beside_it(own: Path, source: str) -> None:
    own.with_name("neighbor.py").write_text("x = 1\n", encoding="utf-8")
    assert "sees no file beside it: put the network into one file" in refusal(own, source)


def test_does_not_blame_neighbors_for_a_package_that_is_missing(own: Path) -> None:
    assert "beside" not in refusal(own, "import nothing_of_that_name\n")


def test_stops_what_does_not_end(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined_summary, "LOAD_SECONDS", 0.5)
    assert "did not finish within 0.5 s and was stopped" in refusal(own, "while True: pass\n")


@pytest.mark.parametrize(
    "reply",
    [
        "3",
        "{'summary': 'text'}",
        "{'summary': b'not JSON'}",
        "{'summary': b'[' * 100_000}",
        "{'summary': json.dumps([1, 2, None]).encode()}",
        "{'summary': bytes(9 << 20)}",
        "object()",
    ],
)
def test_believes_no_forged_reply(own: Path, reply: str) -> None:
    assert "What came back about own.py is no summary" in refusal(own, FORGED % reply)


@pytest.mark.parametrize(
    "summary",
    [
        replace(SUMMARY, input_shape=()),
        replace(SUMMARY, inputs=NetInputs.of((1, 28, 28, 28)).specs),
        replace(SUMMARY, inputs=(InputSpec(SUMMARY.input_shape, "int3"),)),
        replace(SUMMARY, receptive_field="all"),
        replace(SUMMARY, modules=(replace(LAYER, depth=1 << 40),)),
        replace(SUMMARY, modules=(replace(LAYER, window=(3, 0, 1, 1)),)),
        replace(SUMMARY, total_seconds=1e-9),
        replace(SUMMARY, modules=(replace(LAYER, seconds=-1.0),)),
        replace(SUMMARY, kinds=(KindWork("magic", 1, 1, 1),)),
        replace(SUMMARY, kinds=(KindWork("pooling", 1, 1, 1),) * 2),
        replace(SUMMARY, kinds=(KindWork("pooling", 1 << 70, 1, 1),)),
        replace(SUMMARY, memory=MemoryUse(BytesAtBatch(-1, 0), None, None)),
        replace(SUMMARY, notes=(NOTE,) * 1001),
        replace(SUMMARY, notes=(replace(NOTE, topic="../../etc"),)),
        replace(SUMMARY, notes=(replace(NOTE, kind="No kind"),)),
    ],
    ids=[
        "no input",
        "another input",
        "no type",
        "no field",
        "nested without end",
        "stride 0",
        "a time",
        "a layer's time",
        "no kind",
        "a kind twice",
        "work without end",
        "negative memory",
        "notes without end",
        "no topic",
        "no kind of note",
    ],
)
def test_believes_no_summary_that_the_lab_cannot_have_made(own: Path, summary: NetSummary) -> None:
    reply = {"summary": json.dumps(flat(summary)).encode()}
    assert "What came back about own.py is no summary" in refusal(own, FORGED % repr(reply))


def test_takes_notes_and_costs_as_they_were() -> None:
    noted = replace(
        SUMMARY,
        kinds=(KindWork("pooling", 1, 2, 3),),
        memory=MemoryUse(BytesAtBatch(4, 0), None, BytesAtBatch(8, 8)),
        notes=(NOTE, replace(NOTE, message="m" * 2000)),
        real_run="on the CPU, " + "r" * 2000,
    )
    reply = {"summary": json.dumps(flat(noted)).encode()}
    told = confined_summary._summary(Path("own.py"), reply)
    assert (told.kinds, told.memory, told.notes[0]) == (noted.kinds, noted.memory, NOTE)
    assert max(len(told.notes[1].message), len(told.real_run)) <= 1001


def test_shows_no_escape_sequence_of_a_forged_sentence(own: Path) -> None:
    sentence = refusal(own, FORGED % r"{'sentence': '\x1b[2Jall\nis\x07well'}")
    assert sentence == "all is�well"


def test_takes_a_file_for_itself_that_is_named_like_a_library(own: Path) -> None:
    for name in ("inspect", "torch"):
        path = own.with_name(f"{name}.py")
        assert take_apart(path, NET, "VGGStyle").title == f"VGGStyle in {name}.py"


def test_takes_thousands_of_layers_apart(own: Path) -> None:
    source = (
        "from torch import nn\nclass Deep(nn.Sequential):\n    def __init__(self):\n"
        "        super().__init__(*(nn.Identity() for _ in range(2500)))\n"
    )
    assert len(take_apart(own, source).layers) == 2500
