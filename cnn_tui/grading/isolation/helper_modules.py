"""Helper files of a learner, imported from memory in the submission's own process.

They cross with the submission itself and are never written to a disk, so no process sees
another learner's files. Each is named by its place without ``.py``, such as ``utils/pools`` or
``utils/__init__``; no such name is used as a path. Torch-free.
"""

import importlib.util
import linecache
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType

PACKAGE = "/__init__"
"""Ends the names of files that make their folders packages."""


class HelperFinder(MetaPathFinder, InspectLoader):
    """Finds and loads the modules and packages of the files ``sources``."""

    def __init__(self, sources: Mapping[str, bytes]) -> None:
        self._sources = sources
        self._names = {_module_of(name): name for name in sources}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a helper file; None for every other module."""
        if name not in self._names:
            return None
        return importlib.util.spec_from_loader(name, self, origin=self._file_name(name))

    def is_package(self, fullname: str) -> bool:
        """Whether others may be imported from within it."""
        return self._names[fullname].endswith(PACKAGE)

    def get_source(self, fullname: str) -> str:
        """The text of a helper file."""
        return importlib.util.decode_source(self._source(fullname))

    def get_code(self, fullname: str) -> CodeType:
        """The code of a helper file, whose lines tracebacks can show."""
        file_name, source = self._file_name(fullname), self._source(fullname)
        lines = self.get_source(fullname).splitlines(keepends=True)
        linecache.cache[file_name] = (len(source), None, lines, file_name)
        return compile(source, file_name, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        """Run it, under the name of its file."""
        module.__file__ = self._file_name(module.__name__)
        super().exec_module(module)

    def _source(self, module: str) -> bytes:
        return self._sources[self._names[module]]

    def _file_name(self, module: str) -> str:
        return file_name_of(self._names[module])


def file_name_of(name: str) -> str:
    """What the file is called of which ``name`` is the place without ``.py``."""
    return f"{name}.py"


def _module_of(name: str) -> str:
    return name.removesuffix(PACKAGE).replace("/", ".")


def serve_helpers(sources: Mapping[str, bytes]) -> None:
    """Have imports of this process find these helper files, before what is installed."""
    if sources:
        sys.meta_path.insert(0, HelperFinder(sources))
