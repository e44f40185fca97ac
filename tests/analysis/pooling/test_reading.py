"""Maps in the forms in which people have them, and what is said of those that are none."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_tui.analysis.pooling.grid_text import parse_map
from cnn_tui.analysis.pooling.inputs import needs_engine, resolve_input
from cnn_tui.errors import UsageError
from tests.subprocesses import run_python

SQUARE = ((1.0, 2.5), (3.0, -4.0))
TENSOR = torch.tensor(SQUARE)


@pytest.mark.parametrize(
    "text",
    [
        repr(TENSOR),
        repr(TENSOR.double().requires_grad_() * 1),
        repr(torch.nn.Parameter(TENSOR)),
        repr(TENSOR[None, None]),
        "x = torch.tensor([[1., 2.5],\n  [3., -4.]], device='cuda:0', dtype=torch.float64)",
        "tensor([[1., 2.5], [3., -4.]], size=(2, 2), grad_fn=<MulBackward0>)",
        repr(TENSOR.numpy()),
        str(TENSOR.numpy()),
        json.dumps(SQUARE),
        "[[1, 2.5,], [3, -4]],\n",
        "left,right\n1,2.5\n3,-4",
        "# left right\n1 2.5\n3 -4",
        ",left,right\ntop,1,2.5\nbottom,3,-4",
        ",0,1\n0,1,2.5\n1,3,-4",
        "1,2.5,\n3,-4,\n",
        "left,right\n1,2.5,\n3,-4,\n",
        "\t1\t2.5\n\t3\t-4",
        "1\t2.5\n\t3 -4",
        "1;2,5\n3;-4",
        "1\t2,5\n3\t-4",
        "1 2,5\n3 -4",
        "mean value\tstd\n1\t2,5\n3\t-4",
        '"1","2.5"\n"3","-4"',
    ],
)
def test_reads_a_map_however_it_was_written(text: str) -> None:
    assert parse_map(text, "map.txt").grid == SQUARE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[1, 2], [3]]", "line 1, column 10: a row of 1 stands beside a row of 2"),
        ("[[1, 2], 3]", "line 1, column 10: a number stands beside a row of 2"),
        ("[[1, 2],\n [3, 4]", "line 1, column 1: this bracket is never closed: add a ]"),
        ("tensor([[1., 2.],\n  [3., x]])", "line 2, column 8: expected a finite number, got 'x'"),
        ("[[1, nan]]", "line 1, column 6: expected a finite number, got 'nan'"),
        ("[[1,,2]]", "line 1, column 5: expected a number before this comma"),
        ("[[1], []]", "line 1, column 8: these brackets hold no numbers"),
        ("[[1]] [[2]]", r"line 1, column 7: '\[\[2\]\]' follows the array"),
        ("[" * 40, "more than 16 brackets"),
        (repr(torch.zeros(40, 40)), r"print is shortened here.*set_printoptions"),
        ('{"a": [[1]]}', "begins with a brace: keep only the list of rows"),
        (json.dumps([[[[1, 2]] * 2] * 3] * 2), "shape 2×3×2×2: a map has rows and columns"),
        (json.dumps([[1] * 65]), "is 1×65: a map may have 64 cells a side"),
        ("a,b\n1,2,3", "row 2 has 3 cells below a header of 2"),
        ("a,b\n1,x", "row 2, column 2: expected a number, got 'x'"),
        (",a,b\n0,1,x", "row 2, column 3: expected a number, got 'x'"),
        ("1,2,\n3,4", "row 1, column 3: expected a number, got nothing"),
        ("1.234,5;3", "row 1, column 1.*at most one comma or point"),
        ('"1,5",2', "row 1, column 1.*write a decimal point"),
    ],
)
def test_names_the_line_and_column_of_a_mistake(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=f"map.txt,? {words}|map.txt,? .*{words}"):
        parse_map(text, "map.txt")


TAKEN = {
    "1,234;5": "decimal commas: 1,234 is 1.234",
    "1,5": "",
    "1,5\n2,5": "two columns: write 1,5; for a decimal comma",
    "1,5\n2.5,5": "",
    "a,b\n1,2": "without its header",
}
"""A table, and what is said of how it was read."""


def test_says_how_it_took_what_could_be_read_otherwise() -> None:
    read = {text: parse_map(text, "map.txt").note for text in TAKEN}
    assert read == TAKEN
    assert parse_map("1,5\n2,5", "map.txt").grid == ((1.0, 5.0), (2.0, 5.0))
    assert parse_map("1,5;\n2,5;", "map.txt").grid == ((1.5,), (2.5,))
    assert parse_map("1,5", "map.txt").grid == ((1.0, 5.0),), "a comma alone separates numbers"
    found = resolve_input("-", stdin=io.BytesIO(b"1;2,5\n"))
    assert found.title == "standard input, decimal commas: 2,5 is 2.5"


def test_takes_a_channel_of_an_array() -> None:
    channels = json.dumps([[[1, 2]], [[3, 4]]])
    assert parse_map(channels, "x").grid == ((1, 2),)
    assert parse_map(channels, "x").note == "channel 0 of 2"
    assert parse_map(channels, "x", "1").grid == ((3, 4),)
    for channel, words in (("2", "2 channels, #0 to #1"), ("red", "is a number from 0 on")):
        with pytest.raises(UsageError, match=words):
            parse_map(channels, "x", channel)
    with pytest.raises(UsageError, match="has one channel"):
        parse_map("[[1]]", "x", "1")


@pytest.fixture
def arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with files of arrays; it is the current one."""
    monkeypatch.chdir(tmp_path)
    np.save("map.npy", np.array(SQUARE, np.float16))
    np.savez("one.npz", SQUARE)
    np.savez("two.npz", weight=np.array([SQUARE, SQUARE]) * [[[1]], [[2]]], bias=np.zeros(3))
    np.save("object.npy", np.array([{}], dtype=object))
    np.save("words.npy", np.array(["a"]))
    np.save("nan.npy", np.array([[1, np.nan]]))
    np.save("empty.npy", np.zeros((0, 3)))
    torch.save(TENSOR.requires_grad_(requires_grad=False), "map.pt")
    torch.save({"model": {"conv1.weight": TENSOR[None, None]}, "steps": [TENSOR * 2]}, "state.pt")
    torch.save(Path(), "object.pt")
    torch.save(torch.zeros(1).expand(10**5, 10**5), "expanded.pt")
    sparse = torch.sparse_coo_tensor(size=(60_000, 60_000), check_invariants=True)
    torch.save(sparse, "sparse.pt")
    torch.save(torch.zeros(3, 3, device="meta"), "meta.pt")
    np.savez("none.npz")
    with zipfile.ZipFile("other.npz", "w") as packed:
        packed.writestr("a.txt", "1,2")
    Path("device.npz").symlink_to("/dev/zero")
    Path("text.npy").write_text("1,2\n")
    Path("text.pt").write_text("1,2\n")
    Path("array.csv").write_bytes(Path("map.npy").read_bytes())
    lying = io.BytesIO()
    shape = {"descr": "<f8", "fortran_order": False, "shape": (10**9, 10**3)}
    np.lib.format.write_array_header_1_0(lying, shape)
    Path("lying.npy").write_bytes(lying.getvalue())
    return tmp_path


def test_reads_files_of_arrays(arrays: Path) -> None:
    for spec in ("map.npy", "one.npz", "map.pt", "state.pt:model.conv1.weight", "two.npz:weight"):
        assert resolve_input(spec).grid == SQUARE, spec
        assert needs_engine(spec)
    assert resolve_input("state.pt:steps.0").grid[1] == (6, -8)
    second = resolve_input(str(arrays / "two.npz:weight"), channel="1")
    assert (second.grid[0], second.title) == ((2, 5), "two.npz:weight, channel 1 of 2")
    assert not needs_engine("map.csv")


@pytest.mark.parametrize("colors", [1, 3, 4])
def test_reads_a_picture_of_numpy_as_pictures_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, colors: int
) -> None:
    monkeypatch.chdir(tmp_path)
    picture = np.arange(6 * 7 * colors).reshape(6, 7, colors)
    np.save("picture.npy", picture)
    np.savez("picture.npz", picture)
    for spec in ("picture.npy", "picture.npz"):
        last = resolve_input(spec, channel=str(colors - 1))
        assert np.array_equal(last.grid, picture[:, :, -1])
        assert last.title.endswith("of the last dimension")
    np.save("maps.npy", picture.transpose(2, 0, 1))
    maps = resolve_input("maps.npy", channel=str(colors - 1))
    assert np.array_equal(maps.grid, picture[:, :, -1])
    torch.save(torch.zeros(6, 7, colors), "maps.pt")
    assert len(resolve_input("maps.pt").grid) == 7


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("two.npz", "holds 2 arrays, weight, bias: name one, as in two.npz:weight"),
        ("two.npz:weigth", "no array named 'weigth': did you mean weight"),
        ("state.pt", "holds 2 arrays, model.conv1.weight, steps.0: name one"),
        ("map.npy:x", "one array without a name: leave :x out"),
        ("object.npy", "Python objects, which could run code"),
        ("object.pt", "more than tensors, which could run code"),
        ("words.npy", "<U1, not real numbers"),
        ("nan.npy", r"holds nan at \(0, 1\)"),
        ("empty.npy", r"its shape is \(0, 3\)"),
        ("text.npy", "damaged, or no .npy file"),
        ("text.pt", "torch.save|damaged"),
        ("lying.npy", "damaged"),
        ("expanded.pt", "10,000,000,000 numbers, and at most"),
        ("sparse.pt", "3,600,000,000 numbers, and at most"),
        ("meta.pt", "a shape and no numbers"),
        ("none.npz", "it holds no array"),
        ("other.npz", "its a.txt is no array"),
        ("device.npz", "it is a device"),
        ("array.csv", "it is a .npy file: name a file with that ending"),
        ("absent.npz", "there is no such file"),
    ],
)
@pytest.mark.usefixtures("arrays")
def test_says_what_is_wrong_with_a_file_of_arrays(spec: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        resolve_input(spec)
    assert ("one of: chapter" in str(caught.value)) == (spec == "absent.npz"), "one remedy"


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.text(alphabet="[]{}(),;.…\t\n -+e12a\"'#", max_size=40))
def test_answers_any_text_with_a_map_or_a_sentence(text: str) -> None:
    try:
        found = parse_map(text, "map.txt")
    except UsageError as error:
        assert str(error).startswith("map.txt")
    else:
        assert len({len(row) for row in found.grid}) == 1


@pytest.mark.slow
@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 2**31), st.integers(1, 30), st.integers(1, 30), st.booleans())
def test_reads_what_torch_numpy_and_json_print(
    seed: int, height: int, width: int, is_double: bool
) -> None:
    random = torch.Generator().manual_seed(seed)
    scale = 10 ** torch.randint(-3, 4, (), generator=random)
    tensor = torch.randn(height, width, generator=random) * scale
    tensor = tensor.double() if is_double else tensor
    with np.printoptions(precision=17, threshold=10_000):
        texts = (json.dumps(tensor.tolist()), str(tensor.numpy()), repr(tensor.numpy()))
    for text in texts:
        assert torch.equal(torch.tensor(parse_map(text, "x").grid).to(tensor.dtype), tensor)
    printed = torch.tensor(parse_map(repr(tensor), "x").grid).to(tensor.dtype)
    # torch prints four decimals, after a common factor where the numbers are large or small.
    atol = max(1e-4, 1e-3 * float(tensor.abs().max()))
    torch.testing.assert_close(printed, tensor, atol=atol, rtol=1e-3)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, derandomize=True)
@given(kind=st.sampled_from(["npy", "npz", "pt"]), place=st.floats(0, 1), byte=st.integers(-1, 255))
def test_answers_a_damaged_file_with_a_map_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, kind: str, place: float, byte: int
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    whole = io.BytesIO()
    save = {"npy": np.save, "npz": np.savez, "pt": lambda file, map: torch.save(map, file)}[kind]
    save(whole, TENSOR if kind == "pt" else np.array(SQUARE))
    content = bytearray(whole.getvalue())
    at = round(place * (len(content) - 1))
    content[at : None if byte < 0 else at + 1] = b"" if byte < 0 else bytes([byte])
    (folder / f"map.{kind}").write_bytes(content)
    try:
        resolve_input(str(folder / f"map.{kind}"))
    except UsageError as error:
        assert str(folder) in str(error)


@pytest.mark.slow
def test_reads_text_without_torch_and_numpy() -> None:
    program = (
        "import io, sys\n"
        "from cnn_tui.analysis.pooling.inputs import resolve_input\n"
        "for text in (b'tensor([[1.]])', b'1;2,5', b'[[1]]'):\n"
        "    resolve_input('-', stdin=io.BytesIO(text))\n"
        "print({'torch', 'numpy'} & set(sys.modules))"
    )
    assert run_python(program).stdout.strip() == "set()"
