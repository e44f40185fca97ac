"""Forms: keys that come before one is drawn."""

from textual.app import App, ComposeResult
from textual.events import Key

from cnn_tui.tui.widgets.choice_fields import ChoiceField
from cnn_tui.tui.widgets.fields import TextField
from cnn_tui.tui.widgets.form_view import FieldGroup, FormView


class Formed(App[None]):
    """A form that is not seen yet."""

    CSS = "FormView { display: none; }"

    def compose(self) -> ComposeResult:
        yield FormView(FieldGroup([TextField("epochs", "Epochs"), TextField("lr", "Rate")]))


async def test_moves_to_the_next_field_before_it_is_drawn() -> None:
    app = Formed()
    async with app.run_test() as pilot:
        form = app.query_one(FormView)
        form.post_message(Key("down", None))
        await pilot.pause()
        assert form.current.name == "lr"


def test_a_choice_from_elsewhere_is_kept_and_left_like_any_other() -> None:
    field = ChoiceField("device", "Device", ("auto", "cpu"), "cuda:1")
    field.take(Key("right", None))
    assert field.value == "auto"
    field.value = "cuda:1"
    field.take(Key("left", None))
    assert field.value == "cpu"
