"""The form of a demo: what can be changed of it, each with its value."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.geometry import Size

from cnn_tui.chapter.catalogue import DemoInfo
from cnn_tui.options import WORDS, Option, text
from cnn_tui.tui.widgets.choice_fields import ChoiceField, OpenChoiceField
from cnn_tui.tui.widgets.fields import OFF_ON, Field, TextField
from cnn_tui.tui.widgets.form_view import FieldGroup, FormView
from cnn_tui.tui.widgets.number_field import NumberField

if TYPE_CHECKING:
    from cnn_tui.options import OptionValue


class DemoForm(FormView):
    """A field for each parameter of a demo, filled in with ``values``; as high as its fields."""

    def __init__(self, info: DemoInfo, values: Mapping[str, str]) -> None:
        fields = [_field(each, values.get(each.name, "")) for each in info.parameters]
        super().__init__(FieldGroup(fields), id="demo-form")
        self.info = info

    @property
    def typed(self) -> "dict[str, OptionValue]":
        """What stands in the fields; an empty one is left out."""
        values = {name: each.value.strip() for name, each in self.fields.items()}
        return {name: value for name, value in values.items() if value}

    def refuse(self, name: str, sentence: str, *, stay: bool = False) -> None:
        """Say below a field what is wrong with it; the cursor goes there, or is to ``stay``."""
        self.fields[name].problem = sentence
        if stay:
            self.redraw()
        else:
            self.go_to(name)

    def redraw(self) -> None:
        """Draw the fields, and take the room that they need."""
        before = len(self._lines)
        super().redraw()
        if len(self._lines) != before:
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """How many rows the fields take in a form so wide."""
        return len(list(self._drawn(width - self.scrollbar_gutter.width)))


def _field(option: Option, value: str) -> Field:
    about = f"{option.help[0].upper()}{option.help[1:]}"
    default = f"; default {text(option.default)}"
    value = value or text(option.default)
    if option.kind == "bool":
        return ChoiceField(option.name, option.heading, OFF_ON, OFF_ON[WORDS[value]], f"{about}.")
    if option.choices:
        # A pattern allows other values than the choices: they are typed.
        kind = OpenChoiceField if option.pattern else ChoiceField
        other = f": {', '.join(option.alternatives)}" if option.pattern else ""
        return kind(option.name, option.heading, option.choices, value, f"{about}{other}{default}.")
    if option.kind in ("int", "float"):
        return NumberField(option, value, f"{about}: {option.limits}{default}.")
    return TextField(option.name, option.heading, value, f"{about}{default}.")
