"""What a user can choose: one declaration per option of a network, a demo or a training run.

From a declaration come the command line's option, the field of a form, the
validation and its messages, and the help. A dataclass declares options by
annotating its fields: ``epochs: Annotated[int, option("Passes over the data", low=1)]``.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from cnn_tui.errors import UsageError, about_field
from cnn_tui.names import alternatives, match, shortened
from cnn_tui.next_steps import NextStep

OptionValue = bool | int | float | str
"""What an option can be set to."""

Kind = Literal["bool", "int", "float", "str"]

WORDS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}
"""How a switch may be written."""
NOUNS = {"int": "a whole number", "float": "a number", "str": "text"}
TOO_LARGE_TO_MATTER = 1000
"""An upper limit from here on is not worth a word in a help page."""


@dataclass(frozen=True)
class Option:
    """One thing that can be chosen.

    Numbers lie from ``low`` to ``high`` (None: no limit; ``above`` excludes
    ``low`` itself), a text is one of ``choices`` or matches ``pattern``, whose
    shape ``expected`` describes; with both, either will do. ``blank`` says what
    leaving the option empty means; without it, the option must have a value. ``label``
    is its name in a sentence, ``group`` its heading in a form, ``metavar`` its value in
    a help page.
    """

    name: str
    kind: Kind
    default: OptionValue | None
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    above: bool = False
    pattern: str = ""
    expected: str = ""
    blank: str = ""
    label: str = ""
    group: str = ""
    metavar: str = ""

    @property
    def title(self) -> str:
        """What a sentence and a form call it: ``learning rate``."""
        return self.label or self.name.replace("_", " ")

    @property
    def heading(self) -> str:
        """The title with a capital: ``Learning rate``, as a label or at the head of a sentence."""
        return self.title[0].upper() + self.title[1:]

    @property
    def alternatives(self) -> tuple[str, ...]:
        """Every choice, and the shape of what else may be given."""
        return (*self.choices, self.expected) if self.expected else self.choices

    @property
    def limits(self) -> str:
        """What may be given, in short: ``1 to 4``, ``chapter, edges``; may be empty."""
        if self.choices:
            return ", ".join(self.alternatives)
        if self.kind == "bool":
            return "true or false"
        if self.low is None or self.high is None:
            return self.expected
        if self.above:
            return f"above {self.low:,g}, up to {_figure(self.high)}"
        return f"{_figure(self.low)} to {_figure(self.high)}"

    @property
    def accepts(self) -> str:
        """The same as part of a sentence: ``a whole number from 1 to 4``."""
        if self.choices:
            return f"one of {self.limits}"
        if self.kind == "bool" or self.expected:
            return self.limits
        noun = NOUNS[self.kind]
        if not self.limits:
            return noun
        return f"{noun} {self.limits}" if self.above else f"{noun} from {self.limits}"

    @property
    def summary(self) -> str:
        """One sentence for a help page: what it is, and what may be given."""
        is_plain = self.kind == "bool" or (self.high or 0) >= TOO_LARGE_TO_MATTER
        limits = "" if is_plain else self.limits
        if self.choices:
            limits = alternatives(self.alternatives)
        return f"{self.help}: {limits}." if limits else f"{self.help}."


def option(
    help: str,
    *,
    label: str = "",
    group: str = "",
    low: float | None = None,
    high: float | None = None,
    above: bool = False,
    choices: tuple[str, ...] = (),
    pattern: str = "",
    expected: str = "",
    blank: str = "",
    metavar: str = "",
) -> Option:
    """The declaration beside a dataclass field, which gives its name, type and default."""
    return Option(
        "",
        "str",
        None,
        help,
        low,
        high,
        choices,
        above,
        pattern,
        expected,
        blank,
        label,
        group,
        metavar,
    )


def declared(record: type) -> tuple[Option, ...]:
    """The options of a dataclass, in the order of its fields; other fields are passed over."""
    hints = get_type_hints(record, include_extras=True)
    found = []
    for field in fields(record):
        for note in getattr(hints[field.name], "__metadata__", ()):
            if isinstance(note, Option):
                default = None if field.default is MISSING else field.default
                kind = _kind(get_args(hints[field.name])[0])
                found.append(replace(note, name=field.name, kind=kind, default=default))
    return tuple(found)


def converted(option: Option, given: object, *, owner: str = "", see: NextStep | str = "") -> Any:
    """``given``, which may be text as a user typed it, as a value of the option.

    An empty text, and None, mean ``blank`` where the option allows that, and give None.
    ``owner`` is what the option belongs to ("VGG-16"), ``see`` what
    lists the choices. Raises UsageError that says what is accepted.
    """
    given = given.strip() if isinstance(given, str) else given
    if option.blank and (given is None or given == ""):
        return None
    if option.choices:
        if option.pattern and re.fullmatch(option.pattern, wanted := str(given).casefold()):
            return wanted
        kind = f"{option.title} of {owner}" if owner else option.title
        with about_field(option.name):
            others = option.alternatives[len(option.choices) :]
            return match(str(given), option.choices, kind, see, others)
    value = _CONVERT[option.kind](given)
    if value is None or not _is_within(option, value):
        raise UsageError(_refusal(option, given, owner), fields=(option.name,))
    return value


def converted_all(
    options: tuple[Option, ...],
    given: Mapping[str, object],
    *,
    owner: str = "",
    see: NextStep | str = "",
) -> dict[str, Any]:
    """Every value of ``given`` as its option wants it, in the order of ``options``.

    Raises UsageError for a value that does not fit and for a name that no option has.
    """
    known = {each.name: each for each in options}
    kind = f"option of {owner}" if owner else "option"
    named = {match(name, known, kind, see): value for name, value in given.items()}
    return {
        name: converted(each, named[name], owner=owner, see=see)
        for name, each in known.items()
        if name in named
    }


def texts(values: Mapping[str, object]) -> dict[str, str]:
    """Every value as a user would write it: ``true``, ``0.3``."""
    return {name: text(value) for name, value in values.items()}


def text(value: object) -> str:
    """One value as a user would write it; None is an empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)


def _refusal(option: Option, given: object, owner: str) -> str:
    named = f"{option.name} of {owner}" if owner else option.heading
    if given is True:
        return f"{named} needs a value: {option.accepts}."
    return f"{named} must be {option.accepts}, not {shortened(repr(given))}."


def _is_within(option: Option, value: OptionValue) -> bool:
    if isinstance(value, str):
        return re.fullmatch(option.pattern, value) is not None if option.pattern else True
    if isinstance(value, bool):
        return True
    low, high = option.low, option.high
    if low is not None and (value <= low if option.above else value < low):
        return False
    return high is None or value <= high


def _whole_number(given: object) -> int | None:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return None
    try:
        number = int(given)
    except (ValueError, OverflowError):
        return None
    return number if isinstance(given, str) or number == given else None


def _number(given: object) -> float | None:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return None
    try:
        number = float(given)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _switch(given: object) -> bool | None:
    if isinstance(given, bool):
        return given
    return WORDS.get(given.casefold()) if isinstance(given, str) else None


def _words(given: object) -> str | None:
    return None if given is True or given is None else str(given)


_CONVERT: Mapping[Kind, Callable[[object], OptionValue | None]] = {
    "int": _whole_number,
    "float": _number,
    "bool": _switch,
    "str": _words,
}


def _kind(hint: Any) -> Kind:
    """The kind of value that a field's type means; ``float | None`` is a float."""
    choices = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    (type_,) = (each for each in choices if each is not NoneType)
    kind: Kind = type_.__name__
    return kind


def _figure(number: float) -> str:
    return f"{number:,.0f}" if float(number).is_integer() and abs(number) >= 1000 else f"{number:g}"
