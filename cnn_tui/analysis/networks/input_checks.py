"""Whether a network's forward can be called with what it is given, and what to give it else."""

import inspect
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from inspect import Parameter

from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd
from torch.nn.parameter import is_lazy
from torch.nn.utils.parametrize import is_parametrized

from cnn_tui.analysis.networks.input_specs import USUAL_TYPE, InputSpec, NetInputs
from cnn_tui.analysis.networks.input_texts import text_of
from cnn_tui.analysis.networks.shapes import ShapeError
from cnn_tui.analysis.records import shape_text
from cnn_tui.errors import UsageError

BY_POSITION = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
BY_NAME = (Parameter.KEYWORD_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
VARIADIC = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)

MAPS = {
    1: "sequences (channels,length)",
    2: "images (channels,height,width)",
    3: "volumes (channels,depth,height,width)",
}
"""What a layer takes, by the number of sides of its kernel."""

WANTS_INTEGERS = re.compile(r"'indices' to have|one_hot|as indices must be|int32/int64 for index")
WANTS_BOOL = re.compile(r"predicate to be bool|only supports boolean masks|to be a boolean")
UNPACKED = re.compile(r"too many values to unpack \(expected (\d+)\)")
PERMUTED = re.compile(r"ordering of dimensions.* len\(dims\) = (\d+)")
WITHOUT_BATCH = "A forward that takes one example alone can be run without a batch."
VIEWED = re.compile(r"shape '\[(\d+)(?:, -?\d+)*\]' is invalid")


class InputError(ShapeError):
    """A layer that cannot take the very input that the network was given."""


def refuse_call(title: str, net: nn.Module, inputs: NetInputs) -> None:
    """Raise UsageError where forward has other parameters than what it is given."""
    parameters = _parameters(net)
    if parameters is None:
        return
    named = {each.name for each in inputs.specs if each.name}
    by_position = [each for each in parameters if each.kind in BY_POSITION]
    given = len(inputs.specs) - len(named)
    is_open = any(each.kind is Parameter.VAR_POSITIONAL for each in parameters)
    unknown = named - {each.name for each in parameters if each.kind in BY_NAME}
    if unknown and not any(each.kind is Parameter.VAR_KEYWORD for each in parameters):
        raise _refusal(_about_unknown(title, min(unknown), parameters))
    twice = named & {each.name for each in by_position[:given]}
    if twice:
        raise _refusal(
            f"{title} would get {min(twice)} twice, by position and by name: leave out one of them."
        )
    missing = [each for each in by_position[given:] if each.name not in named and _needed(each)]
    if missing or (given > len(by_position) and not is_open):
        raise _refusal(_about_count(title, by_position, inputs, missing))
    unnamed = [
        each.name
        for each in parameters
        if each.kind is Parameter.KEYWORD_ONLY and _needed(each) and each.name not in named
    ]
    if unnamed:
        raise _refusal(
            f"The forward of {title} takes {_listed(unnamed)} by name only: give "
            f"{_listed([f'{name}=SHAPE' for name in unnamed])} too, such as {unnamed[0]}=16:bool."
        )


def refuse_several(title: str, net: nn.Module) -> None:
    """Raise UsageError where forward needs more than one input, none of which was given."""
    needed = [each.name for each in _parameters(net) or () if _needed(each)]
    if len(needed) > 1:
        raise _refusal(
            f"The forward of {title} takes {len(needed)} inputs ({_listed(needed)}): give the "
            "shape of each, such as 3,32,32 and 16:int64."
        )


def refuse_unfit(layer: nn.Module, tensor: Tensor, *, has_batch: bool) -> None:
    """Raise InputError where a layer cannot take one of the network's own inputs.

    A convolution would take the batch of one for the channels of a map without a batch.
    """
    shape = tensor.shape[has_batch:]
    if isinstance(layer, nn.Embedding | nn.EmbeddingBag) and tensor.dtype.is_floating_point:
        text = text_of(InputSpec(tuple(shape), "int64"))
        raise InputError(f"it looks up whole numbers: give them as int64, such as {text}")
    # To read a weight that is computed from others, as weight norm has it, would compute it.
    if is_parametrized(layer) or not isinstance(layer, _ConvNd | nn.Linear):
        return
    if is_lazy(layer.weight):
        return
    if isinstance(layer, _ConvNd) and len(shape) != 1 + (sides := len(layer.kernel_size)):
        raise InputError(f"it slides over {MAPS[sides]}, but got {shape_text(shape) or 'a scalar'}")
    if isinstance(layer, nn.Linear) and tuple(shape[-1:]) != ((count := layer.in_features),):
        if math.prod(shape) == count:
            raise InputError(
                f"it takes {count} features, but got {shape_text(shape)}: flatten it in forward, "
                f"or give {count}"
            )
        return
    wanted, given = (str(each.dtype).removeprefix("torch.") for each in (layer.weight, tensor))
    if wanted != given:
        raise InputError(f"its weights are {wanted}, but got {given}")


def advice(
    net: nn.Module, inputs: NetInputs, error: Exception, viewed_as: int = 0
) -> tuple[str, tuple[str, ...]]:
    """What else to give where forward failed with ``error``, and the options to do it with.

    ``viewed_as`` is the batch that a view made of the one that was given, if one did. Nothing
    where nobody can tell.
    """
    if isinstance(error, InputError):
        return "", ("input_shape",)
    message = str(error)
    wanted = UNPACKED.search(message) or PERMUTED.search(message)
    if inputs.has_batch and wanted and int(wanted[1]) in [len(each.shape) for each in inputs.specs]:
        return WITHOUT_BATCH, ("no_batch",)
    viewed = VIEWED.search(message)
    fixed = int(viewed[1]) if viewed else viewed_as
    if inputs.has_batch and fixed not in (0, 1, inputs.batch):
        sentence = f"If its forward takes batches of {fixed} only, give it such a batch."
        return sentence, ("batch",)
    for pattern, dtype in ((WANTS_INTEGERS, "int64"), (WANTS_BOOL, "bool")):
        if pattern.search(message) and (texts := _retyped(inputs, dtype)):
            return f"It wants {dtype}: give {' or '.join(texts)}.", ("input_shape",)
    left_out = _left_out(net, inputs)
    if "NoneType" in message and left_out:
        return f"It was not given {_listed(left_out)}: add {left_out[0]}=SHAPE.", ("input_shape",)
    return "", ()


def _parameters(net: nn.Module) -> list[Parameter] | None:
    """Those of forward; None where nobody can tell, as of a scripted module."""
    try:
        return list(inspect.signature(net.forward).parameters.values())
    except (TypeError, ValueError):
        return None


def _needed(parameter: Parameter) -> bool:
    return parameter.default is parameter.empty and parameter.kind not in VARIADIC


def _left_out(net: nn.Module, inputs: NetInputs) -> list[str]:
    """The parameters that stay None."""
    parameters = [each for each in _parameters(net) or () if each.kind not in VARIADIC]
    named = {each.name for each in inputs.specs if each.name}
    rest = parameters[len(inputs.specs) - len(named) :]
    return [each.name for each in rest if each.default is None and each.name not in named]


def _retyped(inputs: NetInputs, dtype: str) -> list[str]:
    return [
        text_of(replace(each, dtype=dtype)) for each in inputs.specs if each.dtype == USUAL_TYPE
    ]


def _about_unknown(title: str, name: str, parameters: Iterable[Parameter]) -> str:
    known = [each.name for each in parameters if each.kind in BY_NAME]
    near = get_close_matches(name, known, n=1)
    takes = f"it takes {_listed(known)}" if known else "it takes none by name"
    hint = f"did you mean {near[0]}?" if near else f"{takes}."
    return f"The forward of {title} has no parameter {name}: {hint}"


def _about_count(
    title: str, by_position: Sequence[Parameter], inputs: NetInputs, missing: Sequence[Parameter]
) -> str:
    given = sum(not each.name for each in inputs.specs)
    names = [each.name for each in by_position]
    takes = f"{len(names)} input{'s' * (len(names) != 1)}" + (
        f" ({_listed(names)})" if names else ""
    )
    got = f"{given} {'was' if given == 1 else 'were'} given"
    if not missing:
        return f"The forward of {title} takes {takes}, and {got}: leave out what is too many."
    like = text_of(replace(inputs.specs[0], name=""))
    return (
        f"The forward of {title} takes {takes}, and {got}: give "
        f"{_listed([each.name for each in missing])} too, such as {like} or 16:int64."
    )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _refusal(sentence: str) -> UsageError:
    return UsageError(sentence, fields=("input_shape",))
