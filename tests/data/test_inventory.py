"""What is in the data folder, told from names and headers."""

from pathlib import Path

import pytest

from cnn_tui.data.catalogue import DATA_SETS, parse
from cnn_tui.data.inventory import inventory, state_of
from cnn_tui.data.preparation import folder
from cnn_tui.data.records import DataState
from tests.data.archives import put
from tests.data.conftest import MakeTree

OLD = b'{"__metadata__": {"version": "0"}}'


def states(data_dir: Path) -> dict[str, DataState]:
    return {state.name: state for state in inventory(data_dir)}


@pytest.mark.parametrize("where", ["absent", "file"])
def test_knows_what_could_be_there_where_nothing_is(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("")
    found = states(tmp_path / where)
    assert list(found) == [info.name for info in DATA_SETS if info.name != "folder:PATH"]
    assert found["digits"].prepared
    assert {each.state for each in found.values()} == {"prepared", "not here"}
    assert found["cifar10"].where == str(tmp_path / where / "cifar10")


def test_tells_how_much_of_a_data_set_has_come(tmp_path: Path) -> None:
    put(tmp_path / "mnist", {"train-images-idx3-ubyte.gz": b"123"})
    put(tmp_path / "cifar10", {"cifar-10-python.tar.gz.part": b"12"})
    put(tmp_path / "fashion-mnist", dict.fromkeys(DATA_SETS[1].files, b"1"))
    found = states(tmp_path)
    assert (found["mnist"].state, found["mnist"].original_bytes) == ("partly downloaded", 3)
    assert (found["cifar10"].state, found["cifar10"].original_bytes) == ("partly downloaded", 2)
    assert found["fashion-mnist"].state == "downloaded"
    assert not any(found[name].prepared for name in found if name != "digits")


def test_tells_which_folder_a_cache_is_of(make_tree: MakeTree, tmp_path: Path) -> None:
    root = make_tree(count=20)
    folder.load(root, tmp_path / "data", image_size=8)
    found = states(tmp_path / "data")[f"folder:{root}"]
    assert (found.state, found.prepared, found.of_folder) == ("prepared", True, True)
    assert (found.train_images, found.test_images, found.classes) == (32, 8, 2)
    assert (found.channels, found.image_size) == (3, 8)
    assert found.cache_bytes == Path(found.where).stat().st_size
    assert state_of(parse(f"folder:{root}"), tmp_path / "data", 8) == found


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (b"", "damaged"),
        (b"x" * 50, "damaged"),
        (b"\x02\0\0\0\0\0\0\0[]", "damaged"),
        (len(OLD).to_bytes(8, "little") + OLD, "outdated"),
    ],
    ids=["empty", "noise", "list", "old"],
)
def test_knows_a_cache_that_is_none(tmp_path: Path, content: bytes, state: str) -> None:
    put(tmp_path, {"cifar10.safetensors": content, "folder-1234-8.safetensors": content})
    found = states(tmp_path)
    assert found["cifar10"].state == state
    assert found["folder-1234-8.safetensors"].state == state
    assert not found["cifar10"].prepared


def test_knows_a_cache_that_lost_its_end(make_tree: MakeTree, tmp_path: Path) -> None:
    folder.load(make_tree(), tmp_path / "data")
    (cache,) = (tmp_path / "data").glob("*.safetensors")
    cache.write_bytes(cache.read_bytes()[:-1])
    assert [each.state for each in inventory(tmp_path / "data") if each.of_folder] == ["damaged"]
