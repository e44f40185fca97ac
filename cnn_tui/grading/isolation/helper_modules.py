"""Helper files of a learner, imported from memory in the submission's own process.

They cross with the submission itself and are never written to a disk, so no process sees
another learner's files. Torch-free.
"""

import importlib.util
import linecache
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType


class HelperFinder(MetaPathFinder, InspectLoader):
    """Finds and loads the modules ``sources``: name → the bytes of the file."""

    def __init__(self, sources: Mapping[str, bytes]) -> None:
        self._sources = sources

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a helper file; None for every other module."""
        if name not in self._sources:
            return None
        return importlib.util.spec_from_loader(name, self, origin=file_name_of(name))

    def get_source(self, fullname: str) -> str:
        """The text of a helper file."""
        return importlib.util.decode_source(self._sources[fullname])

    def get_code(self, fullname: str) -> CodeType:
        """The code of a helper file, whose lines tracebacks can show."""
        file_name, source = file_name_of(fullname), self._sources[fullname]
        lines = self.get_source(fullname).splitlines(keepends=True)
        linecache.cache[file_name] = (len(source), None, lines, file_name)
        return compile(source, file_name, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        """Run it, under the name of its file."""
        module.__file__ = file_name_of(module.__name__)
        super().exec_module(module)


def file_name_of(module: str) -> str:
    """The name of the file of a helper module."""
    return f"{module}.py"


def serve_helpers(sources: Mapping[str, bytes]) -> None:
    """Have imports of this process find these helper files, before what is installed."""
    if sources:
        sys.meta_path.insert(0, HelperFinder(sources))
