"""The files of the user's own network: found without running any of it; torch-free.

A run keeps a copy of them, so that it is resumed and evaluated as the network that it began
with. Beside the file itself these are the modules that it imports from its own folder or from
the workspace, and those that they import. What is installed is not copied.
"""

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cnn_tui.errors import UsageError
from cnn_tui.files import write_atomically
from cnn_tui.nets.source import MOST_BYTES, refuse_missing
from cnn_tui.nets.specs import NetSpec
from cnn_tui.workspace import expanded

MOST_FILES, MOST_KEPT_BYTES = 100, 4 << 20
"""What a run keeps at most."""
NEVER_KEPT = {"cnn_tui", "torch", "torchvision", "numpy"}
"""Packages that are meant wherever they are imported, also beside a clone of them."""
RECORD = "source.json"
"""The file in the folder of a copy that says which files it holds, and from where."""


@dataclass(frozen=True)
class OwnFiles:
    """The files of a network: where they are, and what they hold.

    Names of files are relative to ``root``; ``entry`` is the one with the network, and ``paths``
    are the folders in ``root`` from which its imports are found, the first first.
    """

    root: Path
    entry: str
    paths: tuple[str, ...]
    contents: Mapping[str, bytes]

    @property
    def digests(self) -> dict[str, str]:
        """The SHA-256 of each file."""
        return {name: _digest(content) for name, content in sorted(self.contents.items())}


@dataclass(frozen=True)
class KeptFiles:
    """What the copy of a run holds; ``root`` is the folder that its files were copied from.

    ``in_workspace`` says that this was the workspace of the run, wherever that is now.
    """

    folder: Path
    root: Path
    in_workspace: bool
    entry: str
    paths: tuple[str, ...]
    digests: Mapping[str, str]

    @property
    def file(self) -> Path:
        """The copy of the file with the network."""
        return self.folder / self.entry

    @property
    def digest(self) -> str:
        """One number for all files: two runs with the same trained the same source."""
        return _digest(json.dumps(dict(sorted(self.digests.items()))).encode())

    @property
    def module_names(self) -> frozenset[str]:
        """The names, up to a first dot, by which the files are imported."""
        relative = (
            Path(name).relative_to(path)
            for name in self.digests
            for path in self.paths
            if Path(name).is_relative_to(path)
        )
        return frozenset(each.parts[0].removesuffix(".py") for each in relative)

    def changed(self, workspace: Path) -> tuple[str, ...]:
        """The files that are others now, or gone, where they were copied from."""
        return tuple(
            name
            for name, was in self.digests.items()
            if _digest_of(self._origin(workspace) / name) != was
        )

    def is_gone(self, name: str, workspace: Path) -> bool:
        """Whether a file is no longer there."""
        return not (self._origin(workspace) / name).exists()

    def _origin(self, workspace: Path) -> Path:
        return workspace if self.in_workspace else self.root


def located(spec: NetSpec, workspace: Path) -> NetSpec:
    """The same network, its file named so that it is found from the workspace and from elsewhere.

    A file is looked for in the current folder, then in the workspace; one in the workspace is
    named from there on.
    """
    if not spec.is_file:
        return spec
    path = expanded(Path(spec.place))
    path = path if path.is_file() or path.is_absolute() else workspace / path
    path = path.resolve()
    root = workspace.resolve()
    place = path.relative_to(root) if path.is_relative_to(root) else path
    return NetSpec(spec.name, spec.options, str(place))


def gather(spec: NetSpec, workspace: Path) -> OwnFiles | None:
    """The files of a located network; None for one of an installed package.

    Raises UsageError where a file cannot be read or is no Python, and where there are too many.
    """
    root = workspace.resolve()
    if spec.is_file:
        there = NetSpec(spec.name, place=str(root / spec.place))
        refuse_missing(there if (root / spec.place).exists() else spec)
        file = Path(there.place)
        base = root if file.is_relative_to(root) else file.parent
        paths = tuple(dict.fromkeys((str(file.parent.relative_to(base)), ".")))
        entry, package = str(file.relative_to(base)), ""
    else:
        found = _own_module(spec.place, (Path.cwd().resolve(), root))
        if found is None:
            return None
        base, entry = found
        paths, package = (".",), spec.place.rpartition(".")[0]
    contents: dict[str, bytes] = {}
    waiting = [(entry, package)]
    if not spec.is_file:
        waiting += _modules(spec.place, base, paths)
    while waiting:
        name, package = waiting.pop()
        if name in contents:
            continue
        contents[name] = _read(base / name)
        _refuse_too_many(spec, contents)
        for module in _imported(_parsed(base / name, contents[name]), package):
            waiting += _modules(module, base, paths)
    return OwnFiles(base, entry, paths, contents)


def keep(files: OwnFiles, folder: Path, workspace: Path) -> None:
    """Copy the files into ``folder``, and write down which; raises OSError."""
    for name, content in files.contents.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    record = {
        "version": 1,
        "root": str(files.root),
        "in_workspace": files.root == workspace.resolve(),
        "entry": files.entry,
        "paths": files.paths,
        "files": files.digests,
    }
    write_atomically(folder / RECORD, lambda path: path.write_text(json.dumps(record, indent=2)))


def kept_files(folder: Path) -> KeptFiles | None:
    """What a copy holds; None where there is none. Raises UsageError where it is damaged."""
    try:
        record = json.loads((folder / RECORD).read_bytes())
        found = KeptFiles(
            folder=folder,
            root=Path(record["root"]),
            in_workspace=record["in_workspace"] is True,
            entry=str(record["entry"]),
            paths=tuple(map(str, record["paths"])),
            digests={str(name): str(each) for name, each in record["files"].items()},
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{folder / RECORD}, which says what a run trains, is damaged.") from error
    damaged = [name for name, was in found.digests.items() if _digest_of(folder / name) != was]
    if damaged:
        raise UsageError(
            f"The run's own copy of {damaged[0]} in {folder} is not what it was copied as: "
            "put it back, or train the network again."
        )
    return found


def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file; raises UsageError where it is no Python."""
    return _parsed(path, _read(path))


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{path.name} is larger than 1 MiB, too large for source code.")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", fields=("net",)) from error


def _parsed(path: Path, content: bytes) -> ast.Module:
    try:
        return ast.parse(content, str(path))
    except SyntaxError as error:
        line = f" ({path.name}, line {error.lineno})" if error.lineno else ""
        raise UsageError(
            f"{path.name} cannot be loaded: {type(error).__name__}: {error.msg}{line}.",
            fields=("net",),
        ) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path.name} cannot be loaded: {error}.", fields=("net",)) from error


def _refuse_too_many(spec: NetSpec, contents: Mapping[str, bytes]) -> None:
    size = sum(map(len, contents.values()))
    if len(contents) > MOST_FILES or size > MOST_KEPT_BYTES:
        raise UsageError(
            f"{spec.label} imports more of your files than a run keeps a copy of "
            f"({MOST_FILES} files, {MOST_KEPT_BYTES >> 20} MiB): import only what it needs.",
            fields=("net",),
        )


def _imported(tree: ast.Module, package: str) -> Iterator[str]:
    """Every module that a file may import, by its full name; ``package`` is the file's own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1]
            above = ".".join(parents) if node.level and package else ""
            base = ".".join(filter(None, (above, node.module or "")))
            yield from (f"{base}.{each.name}".lstrip(".") for each in node.names)


def _modules(module: str, base: Path, paths: tuple[str, ...]) -> list[tuple[str, str]]:
    """The files of a module and of the packages around it, each with the name of its package.

    Empty where it is none of the user's own.
    """
    first, *_ = parts = module.split(".")
    if first in NEVER_KEPT:
        return []
    for path in paths:
        found, folder, package = [], base / path, ""
        for part in parts:
            inner = folder / part
            if (inner / "__init__.py").is_file():
                package = f"{package}.{part}".lstrip(".")
                found.append((inner / "__init__.py", package))
            elif (file := folder / f"{part}.py").is_file():
                found.append((file, package))
                break
            elif not inner.is_dir():
                break
            else:
                package = f"{package}.{part}".lstrip(".")
            folder = inner
        if found:
            return [(str(file.relative_to(base)), of) for file, of in found]
    return []


def _own_module(module: str, folders: tuple[Path, ...]) -> tuple[Path, str] | None:
    """The folder of the user's own that a module is in, and its file there; None: installed."""
    for folder in dict.fromkeys(folders):
        files = _modules(module, folder, (".",))
        last = module.rpartition(".")[2]
        if files and Path(files[-1][0]).with_suffix("").parts[-1] in (last, "__init__"):
            return folder, files[-1][0]
    return None


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _digest_of(path: Path) -> str:
    try:
        return _digest(path.read_bytes())
    except OSError:
        return ""
