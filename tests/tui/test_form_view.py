"""Forms: keys that come before one is drawn."""

from textual.app import App, ComposeResult
from textual.events import Key

from cnn_tui.chapter.catalogue import demo_info
from cnn_tui.tui.panes.demo_form import DemoForm
from cnn_tui.tui.widgets.choice_fields import ChoiceField, OpenChoiceField
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


NINE = "0 1 0 1 -4 1 0 1 0"


def press(field: OpenChoiceField, *keys: str) -> tuple[str, bool]:
    """The value after these keys, and whether it may be half of what is meant."""
    for key in keys:
        assert field.take(Key(key, key if len(key) == 1 else None)), key
    return field.value, field.is_typed


def test_chooses_or_types_where_a_demo_takes_both() -> None:
    field = DemoForm(demo_info("convolution"), {}).fields["kernel"]
    assert isinstance(field, OpenChoiceField)
    assert "nine numbers" in field.about
    assert press(field, "right") == ("blur", False)
    assert press(field, "left", "left") == ("sharpen", False), "round and round"
    assert press(field, *NINE) == (NINE, True), "what is typed replaces a choice"
    assert press(field, "left", "backspace", "2") == (NINE[:-2] + "20", True), "it is edited"
    assert press(field, "end", "right") == ("edge", False), "at its end, the choices go on"
    assert press(field, "left") == (NINE[:-2] + "20", False), "and lead back"
    assert press(field, "right", *"blur") == ("blur", False)
    assert press(field, "left", "left") == ("sharpen", False), "nothing else is typed now"
    field.paste(NINE)
    assert (field.value, field.is_typed) == (NINE, True)
    assert press(field, "ctrl+u", "right") == ("edge", False)


def test_keeps_a_value_that_was_typed_before() -> None:
    field = DemoForm(demo_info("convolution"), {"kernel": NINE}).fields["kernel"]
    assert isinstance(field, OpenChoiceField)
    assert press(field, "home", "left") == ("sharpen", False)
    assert press(field, "right") == (NINE, False)
    field.click(0, 0)
    assert press(field, "2")[0] == f"2{NINE}", "a click puts the cursor into the text"
