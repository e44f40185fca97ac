from pathlib import Path

import pytest

from cnn_tui.data.catalogue import parse
from cnn_tui.errors import UsageError
from tests.subprocesses import run_python


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("digits", "digits"),
        ("DIGITS", "digits"),
        ("MNIST", "mnist"),
        ("FashionMNIST", "fashion-mnist"),
        ("fashion_mnist", "fashion-mnist"),
        ("CIFAR-10", "cifar10"),
    ],
)
def test_a_data_set_is_found_whatever_its_case_and_dashes(name: str, found: str) -> None:
    assert parse(name).name == found


def test_an_unknown_data_set_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="digits"):
        parse("digit")


@pytest.mark.parametrize("name", ["data/my_folder", "./pictures", "~/pictures", "..", "pictures"])
def test_a_path_without_its_prefix_is_told_it(name: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pictures").mkdir()
    with pytest.raises(UsageError) as refused:
        parse(name)
    assert str(refused.value).endswith(f"did you mean folder:{name}?")
    assert refused.value.fields == ("data",)


@pytest.mark.parametrize("name", ["imagenet", "coco", "a" * 5000, "nul\0"])
def test_a_data_set_that_the_lab_lacks_names_none_of_its_own(name: str) -> None:
    with pytest.raises(UsageError, match="folder:PATH") as refused:
        parse(name)
    assert "did you mean" not in str(refused.value)
    assert len(str(refused.value)) < 150


@pytest.mark.parametrize("name", ["folder:", "folder", "folder:  "])
def test_a_folder_needs_a_path(name: str) -> None:
    with pytest.raises(UsageError, match="path"):
        parse(name)


def test_a_folder_is_told_by_its_absolute_path(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse("folder:pictures").path == tmp_path / "pictures"
    assert parse("folder:pictures").name == f"folder:{tmp_path / 'pictures'}"


def test_a_folder_has_one_name_wherever_it_is_named_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lab").mkdir()
    (tmp_path / "pictures").mkdir()
    (tmp_path / "far" / "deep").mkdir(parents=True)
    (tmp_path / "far" / "pictures").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "far" / "deep")
    monkeypatch.chdir(tmp_path / "lab")
    assert parse("folder:../pictures") == parse(f"folder:{tmp_path}/pictures")
    assert parse("folder:../nowhere").path == tmp_path / "nowhere"
    assert parse("folder:../link/../pictures").path == (tmp_path / "far" / "pictures").resolve()


def test_naming_and_listing_data_sets_needs_no_torch(tmp_path: Path) -> None:
    code = (
        "import sys, cnn_tui.data.preparation.available, cnn_tui.data.preparation.listing\n"
        "from cnn_tui.cli import main\n"
        f"assert main(['data', '--data-dir', {str(tmp_path)!r}]) == 0\n"
        "print([m for m in ('torch', 'numpy', 'PIL') if m in sys.modules])"
    )
    assert run_python(code).stdout.splitlines()[-1] == "[]"
