"""The files of the user's own network: which a run copies, and what a change of them is."""

from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.nets.own_files import gather, keep, kept_files, located
from cnn_tui.nets.specs import parse

NET = "import blocks.conv\nfrom helpers import one\nclass Net:\n    pass\n"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A network in a folder of a workspace, beside helpers, a package and what it does not use."""
    files = {
        "nets/my_net.py": NET,
        "nets/helpers.py": "import torch, cnn_tui\ndef one():\n    from shared import two\n",
        "nets/blocks/__init__.py": "",
        "nets/blocks/conv.py": "from . import act\nfrom ..other import x\n",
        "nets/blocks/act.py": "",
        "nets/unused.py": "",
        "shared.py": "import nets.my_net\n",
        "cnn_tui/__init__.py": "",
        "exercises/exercise1.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path / "nets")
    return tmp_path


def test_copies_what_a_network_imports_from_its_folder_and_the_workspace(workspace: Path) -> None:
    spec = located(parse("my_net.py:Net,width=3"), workspace)
    assert str(spec) == "nets/my_net.py:Net,width=3"
    files = gather(spec, workspace)
    assert files is not None
    assert sorted(files.contents) == [
        *("nets/blocks/__init__.py", "nets/blocks/act.py", "nets/blocks/conv.py"),
        *("nets/helpers.py", "nets/my_net.py", "shared.py"),
    ]
    copy = workspace / "copy"
    keep(files, copy, workspace)
    kept = kept_files(copy)
    assert kept is not None and kept.file.read_text() == NET
    assert kept.paths == ("nets", ".")
    assert {"blocks", "helpers", "my_net", "shared", "nets"} == kept.module_names
    assert kept.changed(workspace) == ()
    (workspace / "shared.py").write_text("import nets.my_net  # changed\n")
    (workspace / "nets/helpers.py").unlink()
    assert kept.changed(workspace) == ("nets/helpers.py", "shared.py")


def test_copies_a_module_of_the_workspace_and_nothing_that_is_installed(workspace: Path) -> None:
    files = gather(parse("blocks.conv:Net"), workspace)
    assert files is not None and files.entry == "blocks/conv.py"
    assert sorted(files.contents) == ["blocks/__init__.py", "blocks/act.py", "blocks/conv.py"]
    assert gather(parse("torchvision.models:resnet18"), workspace) is None


def test_finds_a_file_from_the_workspace_and_from_elsewhere(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert located(parse("nets/my_net.py"), workspace).place == "nets/my_net.py"
    monkeypatch.chdir("/")
    assert located(parse("nets/my_net.py"), workspace).place == "nets/my_net.py"
    other = workspace / "exercises"
    assert located(parse(f"{workspace}/shared.py:Net"), other).place == f"{workspace}/shared.py"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("class Net(:\n", r"my_net.py cannot be loaded: SyntaxError.*line 1"),
        ("import big\n", "larger than 1 MiB"),
        (f"import {', '.join(f'm{n}' for n in range(101))}\n", "more of your files than a run"),
        (None, "There is no file nets/my_net.py"),
    ],
)
def test_refuses_files_that_cannot_be_copied(
    workspace: Path, text: str | None, sentence: str
) -> None:
    (workspace / "nets/big.py").write_bytes(b"#" * (1 << 20) + b"\n")
    for number in range(101):
        (workspace / f"nets/m{number}.py").touch()
    file = workspace / "nets/my_net.py"
    file.unlink() if text is None else file.write_text(text)
    with pytest.raises(UsageError, match=sentence):
        gather(located(parse("nets/my_net.py:Net"), workspace), workspace)


def test_refuses_a_copy_that_is_not_what_was_copied(workspace: Path) -> None:
    files = gather(located(parse("my_net.py:Net"), workspace), workspace)
    assert files is not None
    keep(files, workspace / "copy", workspace)
    (workspace / "copy/nets/helpers.py").write_text("other = 1\n")
    with pytest.raises(UsageError, match=r"nets/helpers\.py in .* is not what it was copied as"):
        kept_files(workspace / "copy")
    assert kept_files(workspace / "none") is None
