"""Where a network is written: the text of its files, found without importing anything.

``source_with`` does the same for any other module that is shown as lesson material.
"""

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path

from cnn_tui.errors import UsageError
from cnn_tui.nets.specs import NetSpec
from cnn_tui.workspace import expanded

BLOCKS = "cnn_tui.nets.blocks"
"""The module of the blocks that several networks of the lab are made of."""
MOST_BYTES = 1 << 20
SETTINGS_OF_WEIGHTS = "_Weights"
"""How torchvision's records of trained weights end, which say nothing of a network."""


@dataclass(frozen=True)
class SourceFile:
    """A file, or the parts of it that make the network; ``title`` is how a reader knows it.

    ``begins`` is the line, counted from 0, with the class or function of the network.
    """

    title: str
    path: Path
    text: str
    begins: int = 0

    def to_json(self) -> dict[str, str]:
        """Title, path and text, as a JSON object."""
        return {"title": self.title, "path": str(self.path), "text": self.text}


def sources_of(spec: NetSpec) -> tuple[SourceFile, ...]:
    """The files of a network: its own, and those of the blocks that it is made of.

    Raises UsageError where there is no such file, or none that can be shown.
    """
    first, *others = _files(spec)
    name = spec.name if spec.is_own else spec.info.build.rpartition(":")[2]
    return (replace(first, begins=_beginning(first.text, name)), *others)


def _files(spec: NetSpec) -> tuple[SourceFile, ...]:
    if spec.is_own:
        path = expanded(Path(spec.place)) if spec.is_file else _file_of(spec.place)
        return (_mentioning(spec.name, _whole(path, spec.place)),)
    module, _, name = spec.info.build.partition(":")
    if spec.info.source:
        made_of, file = _of_module(spec.info.source), _of_module(module)
        return _part(made_of, _is_layer), _part(file, lambda node: node.name == name)
    return source_with(module, BLOCKS)


def source_with(module: str, shared: str) -> tuple[SourceFile, ...]:
    """The file of a module, and those definitions of the module ``shared`` that it imports.

    Raises UsageError where there is no such file, or none that can be shown.
    """
    file = _of_module(module)
    imported = set(_imported(file.text, shared))
    if not imported:
        return (file,)
    return (file, _part(_of_module(shared), lambda node: node.name in imported))


def is_missing(spec: NetSpec) -> bool:
    """Whether it is the user's own network, in a file that does not exist."""
    return spec.is_file and not expanded(Path(spec.place)).is_file()


def looked_up(spec: NetSpec, folder: Path | None) -> NetSpec:
    """The same network, its file looked for in ``folder`` where it is not in the current one."""
    if folder is None or not is_missing(spec):
        return spec
    there = replace(spec, place=str(folder / spec.place))
    return spec if is_missing(there) else there


def refuse_missing(spec: NetSpec) -> None:
    """Raise UsageError where the file of the user's own network does not exist."""
    if is_missing(spec):
        raise UsageError(f"There is no file {spec.place}: check the path.")


def _of_module(module: str) -> SourceFile:
    return _whole(_file_of(module), module.replace(".", "/") + ".py")


def _whole(path: Path, title: str) -> SourceFile:
    try:
        if not path.is_file():
            raise UsageError(f"There is no file {title}: check the path.")
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{title} is larger than 1 MiB: open it in your editor.")
        return SourceFile(title, path, path.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise UsageError(f"{title} cannot be read: {error.strerror}.") from error


def _mentioning(name: str, file: SourceFile) -> SourceFile:
    if not re.search(rf"\b{re.escape(name)}\b", file.text):
        raise UsageError(f"There is no {name} in {file.title}: check the name behind the colon.")
    return file


def _file_of(module: str) -> Path:
    """The file of a module; no package on the way to it is imported."""
    first, *others = module.split(".")
    spec = find_spec(first) or PathFinder.find_spec(first, [str(Path.cwd())])
    places = [] if spec is None else list(spec.submodule_search_locations or ())
    file = None if spec is None or spec.origin is None else Path(spec.origin)
    for name in others:
        found = next((each for each in _candidates(places, name) if each.is_file()), None)
        file, places = found, [str(Path(place) / name) for place in places]
    if file is None:
        raise UsageError(
            f"The source of {module} is not on this machine as a file: check its name, or name "
            "the file itself, as in folder/net.py:Net."
        )
    return file


def _candidates(places: Sequence[str], name: str) -> Iterator[Path]:
    for place in places:
        yield Path(place) / f"{name}.py"
        yield Path(place) / name / "__init__.py"


Definition = ast.ClassDef | ast.FunctionDef


def _part(file: SourceFile, wanted: Callable[[Definition], bool]) -> SourceFile:
    """Some of a file's definitions; all of it where it cannot be parsed."""
    try:
        tree = ast.parse(file.text)
    except SyntaxError:
        return file
    lines = file.text.splitlines()
    parts = [
        "\n".join(lines[_first_line(node) - 1 : node.end_lineno])
        for node in tree.body
        if isinstance(node, Definition) and wanted(node)
    ]
    return SourceFile(file.title, file.path, "\n\n\n".join(parts) + "\n") if parts else file


def _beginning(text: str, name: str) -> int:
    """Where the class of that name stands, else the class that no other mentions, else a function.

    A factory of that name says less than the class that it makes.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return 0
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    uses = {each.name: _names(each) for each in classes}
    whole = [
        each
        for each in classes
        if not any(each.name in uses[other.name] for other in classes if other is not each)
    ]
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    ways: tuple[list[Definition], ...] = (
        [each for each in classes if each.name == name],
        [*whole[-1:]],
        [each for each in functions if each.name == name],
    )
    return next((_first_line(found[0]) - 1 for found in ways if found), 0)


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _first_line(node: Definition) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def _is_layer(node: Definition) -> bool:
    return isinstance(node, ast.ClassDef) and not node.name.endswith(SETTINGS_OF_WEIGHTS)


def _imported(text: str, module: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module == module:
            yield from (each.name for each in node.names)
