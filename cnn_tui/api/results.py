"""What all results have in common: how they show themselves."""

import shutil
from abc import ABC, abstractmethod
from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from rich.console import RenderableType

from cnn_tui.render.draw.notebook import WIDTH, to_html, to_text

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")


class LabResult(ABC):
    """An answer of the lab that can be seen.

    A notebook shows it by itself; in a terminal ``rich.print(result)`` does with
    colors, and ``print(result)`` without. ``repr`` is one line: the fields that
    ``IN_BRIEF`` names.
    """

    IN_BRIEF: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def __rich__(self) -> RenderableType:
        """The picture or the table of it."""

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.IN_BRIEF)
        return f"{type(self).__name__}({told})"

    def __str__(self) -> str:
        return to_text(self.__rich__(), shutil.get_terminal_size((WIDTH, 24)).columns)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return to_html(self.__rich__())


def as_result(kind: type[R], record: "DataclassInstance", **more: Any) -> R:
    """``record`` as a ``kind`` of its own class that can be seen."""
    values = {each.name: getattr(record, each.name) for each in fields(record)}
    return kind(**values, **more)
