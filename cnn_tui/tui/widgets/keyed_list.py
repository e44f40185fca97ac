"""What all lists of the lab share: ``j k`` move the cursor, and Enter opens what it is on."""

from typing import Any, ClassVar

from textual.binding import Binding, BindingType

OPENS_PAGE = "Read it; Esc comes back"


class KeyedList:
    """Comes before one of Textual's lists or trees: ``class Runs(KeyedList, OptionList, ...)``.

    ``room`` begins the ids of the keys and ``item`` names what is listed. ``opens``
    says what Enter does, where the lab's own words explain it better than Textual's.
    """

    BINDINGS: ClassVar[list[BindingType]]

    def __init_subclass__(
        cls,
        *,
        room: str,
        item: str = "",
        opens: str = "",
        shows_open: bool = False,
        open_action: str = "select",
        **settings: Any,
    ) -> None:
        following, previous = f"Next {item}".rstrip(), f"Previous {item}".rstrip()
        keys = [
            Binding("j", "cursor_down", show=False, id=f"{room}.down", tooltip=following),
            Binding("k", "cursor_up", show=False, id=f"{room}.up", tooltip=previous),
        ]
        if opens:
            enter = Binding(
                "enter", open_action, "Open", show=shows_open, id=f"{room}.open", tooltip=opens
            )
            keys.insert(0, enter)
        # Textual collects the keys of a class while it is made, so they must be there by then.
        cls.BINDINGS = [*keys, *cls.__dict__.get("BINDINGS", ())]
        super().__init_subclass__(**settings)
