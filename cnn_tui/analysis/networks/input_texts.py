"""Inputs of a network as people type them, ``3,224,224``, ``mask=16:bool``. Torch-free.

``NAME=SIDES:TYPE``: the name and the type may be left out; ``scalar`` is one number for
each example. A line of the app holds several, and ``batch 8`` or ``no-batch``.
"""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from keyword import iskeyword

from cnn_tui.analysis.networks.input_specs import USUAL_TYPE, InputSpec, NetInputs
from cnn_tui.analysis.records import Shape
from cnn_tui.errors import UsageError

TYPES = (
    *("float32", "float16", "bfloat16", "float64", "complex64", "complex128"),
    *("int64", "int32", "int16", "int8", "uint8", "bool"),
)
OTHER_NAMES = {
    "float": "float32",
    "half": "float16",
    "double": "float64",
    "long": "int64",
    "int": "int32",
    "short": "int16",
}
"""What torch calls some of them too."""
SCALAR = "scalar"
MOST_SIDES = 8
MOST_INPUTS = 32
LARGEST_BATCH = 65_536
FORM = "write the sides without the batch, such as channels,height,width (3,224,224)"
SIDE = re.compile(r"[0-9]{1,12}")
COPIED = re.compile(r"(?<!\S)-{2}(no-batch|batch)(?:=|\b)")
"""An option of the command line that stands in a line of the app."""
BATCH = re.compile(r"(?<!\S)batch\s+(\S+)")
NO_BATCH = re.compile(r"(?<!\S)no-batch(?!\S)")
WITHIN = re.compile(r"\s*([,:=×])\s*")


def parse_inputs(
    texts: Sequence[str], *, batch: int | None = None, has_batch: bool = True
) -> NetInputs:
    """The inputs that ``texts`` describe, one each; raises UsageError.

    Without any text, a network's usual input with that batch.
    """
    if len(texts) > MOST_INPUTS:
        raise _refusal(f"{len(texts)} inputs are more than {MOST_INPUTS}.")
    specs = tuple(map(parse_input, texts))
    named = [each.name for each in specs if each.name]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise _refusal(f"Two inputs are named {twice}: give each of them once.")
    return NetInputs(specs, *_checked_batch(batch, has_batch=has_batch)).checked()


def parse_input(text: str) -> InputSpec:
    """One input; raises UsageError."""
    name, is_named, rest = text.strip().rpartition("=")
    sides, has_type, dtype = rest.partition(":")
    name = name.strip()
    if is_named and (not name.isidentifier() or iskeyword(name)):
        raise _refusal(
            f"{_shown(text)} names no parameter of forward: write NAME=SHAPE, such as mask=16:bool."
        )
    return InputSpec(_shape(sides, text), _type(dtype) if has_type else USUAL_TYPE, name)


def parse_line(line: str) -> NetInputs:
    """All inputs in one line, such as ``3,224,224 mask=16:bool batch 8``; raises UsageError."""
    line = COPIED.sub(r"\1 ", line)
    batches = BATCH.findall(line)
    has_batch = NO_BATCH.search(line) is None
    texts = WITHIN.sub(r"\1", NO_BATCH.sub(" ", BATCH.sub(" ", line))).split()
    if len(batches) > 1 or any(not SIDE.fullmatch(each) for each in batches):
        raise UsageError(
            f"A batch is one whole number, such as batch 8, not {_shown(', '.join(batches))}.",
            fields=("batch",),
        )
    batch = int(batches[0]) if batches else None
    return parse_inputs(texts, batch=batch, has_batch=has_batch)


def line_of(inputs: NetInputs) -> str:
    """The line that ``parse_line`` reads as these inputs."""
    words = [*map(text_of, inputs.specs)]
    if inputs.batch is not None:
        words.append(f"batch {inputs.batch}")
    return " ".join([*words, *([] if inputs.has_batch else ["no-batch"])])


def text_of(spec: InputSpec) -> str:
    """The text that ``parse_input`` reads as this input."""
    name = f"{spec.name}=" if spec.name else ""
    dtype = "" if spec.dtype == USUAL_TYPE else f":{spec.dtype}"
    return f"{name}{','.join(map(str, spec.shape)) or SCALAR}{dtype}"


def _shape(text: str, whole: str) -> Shape:
    sides = [each.strip() for each in re.split("[,x×]", text)]
    if text.strip() == SCALAR:
        return ()
    if not text.strip() and whole.strip():
        raise _refusal(
            f"{_shown(whole)} is no input shape: for one number in each example, write {SCALAR}, "
            f"such as target={SCALAR}:int64; else {FORM}."
        )
    if len(sides) > MOST_SIDES or not all(map(SIDE.fullmatch, sides)):
        raise _refusal(f"{_shown(whole)} is no input shape: {FORM}.")
    return tuple(map(int, sides))


def _type(text: str) -> str:
    given = text.strip().removeprefix("torch.").lower()
    dtype = OTHER_NAMES.get(given, given)
    if dtype in TYPES:
        return dtype
    near = get_close_matches(given, TYPES, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(TYPES)}."
    raise _refusal(f"{_shown(text)} is no type of an input: {hint}")


def _checked_batch(batch: int | None, *, has_batch: bool) -> tuple[int | None, bool]:
    if batch is not None and not has_batch:
        raise UsageError(
            "An input has a batch or none: leave out one of the two.", fields=("batch",)
        )
    if batch is not None and not 1 <= batch <= LARGEST_BATCH:
        raise UsageError(
            f"A batch is from 1 to {LARGEST_BATCH:,} examples, not {batch}.", fields=("batch",)
        )
    return batch, has_batch


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:60] + "…")


def _refusal(sentence: str) -> UsageError:
    return UsageError(sentence, fields=("input_shape",))
