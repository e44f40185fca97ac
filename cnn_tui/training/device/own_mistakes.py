"""Mistakes that a network of the user's own may hold, each with the sentence that explains it."""

import inspect
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from cnn_tui.errors import UsageError
from cnn_tui.nets.own import with_article
from cnn_tui.nets.own_options import takes

NAMES_SHOWN = 3
SUMS_TO_ONE = 1e-4
DEEPEST = 3
FIELDS = ("net",)


class Made:
    """The layers that a forward has made."""

    def __init__(self, net: nn.Module, title: str) -> None:
        self._net = net
        self._title = title
        self.modules: list[nn.Module] = []

    def refuse(self) -> None:
        """Raise UsageError where one of them has weights, which nobody trains."""
        for module in self.modules:
            if not any(True for _ in module.parameters()):
                continue
            what = f"{type(module).__name__}({module.extra_repr()})"
            raise UsageError(
                f"{self._title} makes {with_article(what)} in its forward: its weights are drawn "
                "again in every step, or unknown to the optimizer, and never trained. Make it in "
                "__init__, assign it to self, and call it in forward.",
                fields=FIELDS,
            )


@contextmanager
def made_in_forward(net: nn.Module, title: str) -> Iterator[Made]:
    """Note which layers are made meanwhile."""
    made, original = Made(net, title), nn.Module.__init__

    def noted(self: nn.Module, *args: Any, **kwargs: Any) -> None:
        made.modules.append(self)
        original(self, *args, **kwargs)

    nn.Module.__init__ = noted  # type: ignore[method-assign]
    try:
        yield made
    finally:
        nn.Module.__init__ = original  # type: ignore[method-assign]


def refuse_without_parameters(title: str, net: nn.Module) -> None:
    """Raise UsageError where there is nothing to train."""
    parameters = list(net.parameters())
    if not parameters:
        raise UsageError(
            f"{title} has no parameters, so there is nothing to train: make its layers in __init__ "
            "and assign them to self.",
            fields=FIELDS,
        )
    if not any(each.requires_grad for each in parameters):
        raise UsageError(
            f"Every parameter of {title} is frozen (requires_grad is False), so there is nothing "
            "to train: leave some of them trainable.",
            fields=FIELDS,
        )


def refuse_unregistered(title: str, net: nn.Module) -> None:
    """Raise UsageError for weights in a list, dict or plain tensor, which nobody trains."""
    known = {id(each) for each in net.parameters()}
    for path, module in net.named_modules():
        for name, value in vars(module).items():
            lost = [each for each in _weights(value) if id(each) not in known]
            if not lost:
                continue
            where = f"self.{name} of {path} in {title}" if path else f"self.{name} of {title}"
            count = sum(each.numel() for each in lost)
            raise UsageError(
                f"{where} is {_holder(value)}, which registers nothing: no optimizer "
                f"trains its {count:,} parameters. Use {_remedy(value)}.",
                fields=FIELDS,
            )


def unregistered_tensor(net: nn.Module) -> str:
    """What to say of a plain tensor that a module keeps, which moves to no device; else empty."""
    for path, module in net.named_modules():
        for name, value in vars(module).items():
            if isinstance(value, Tensor) and not value.requires_grad:
                where = f"self.{name} of {path}" if path else f"self.{name}"
                return (
                    f"{where} is a plain tensor: it does not move to a GPU with the network and is "
                    f'in no checkpoint; write self.register_buffer("{name}", …).'
                )
    return ""


def refuse_output(
    title: str, output: Any, data: str, classes: int, signature: inspect.Signature | None
) -> None:
    """Raise UsageError where the output is not one finite number for each image and class."""
    outputs = output if isinstance(output, tuple) and output else (output,)
    for each in outputs:
        if not isinstance(each, Tensor):
            what = with_article(type(each).__name__)
            raise UsageError(
                f"{title} returns {what}, and no tensor: return the logits, one number for each "
                "class.",
                fields=FIELDS,
            )
        _refuse_tensor(title, each, data, classes, signature)


def _refuse_tensor(
    title: str, output: Tensor, data: str, classes: int, signature: inspect.Signature | None
) -> None:
    shape = tuple(output.shape)
    if not output.dtype.is_floating_point:
        kind = str(output.dtype).removeprefix("torch.")
        raise UsageError(
            f"{title} returns numbers of the type {kind}, {shape}: return the logits themselves, "
            "float32, without argmax or round; the loss compares them with the labels.",
            fields=FIELDS,
        )
    if output.ndim != 2 or shape[1] != classes:
        raise UsageError(
            f"{title} returns {shape}, and the data set {data} has {_classes(classes)}: "
            f"{_what_to_return(shape, classes, signature)}",
            fields=FIELDS,
        )
    if not output.isfinite().all():
        raise UsageError(
            f"{title} returns NaN or infinite numbers before its first step: look for a division "
            "by 0, a log or root of 0, and weights that are not initialized.",
            fields=FIELDS,
        )


def _classes(count: int) -> str:
    return "1 class" if count == 1 else f"{count} classes"


def _what_to_return(
    shape: tuple[int, ...], classes: int, signature: inspect.Signature | None
) -> str:
    if len(shape) != 2:
        return (
            f"return ({shape[0] if shape else 'N'}, {classes}), one number for each image and "
            "class; torch.flatten(x, 1) before the last nn.Linear makes two dimensions of four."
        )
    if takes(signature, "num_classes"):
        return "let its last layer have num_classes outputs."
    return (
        f"let its last layer have {classes} outputs, or give it a parameter num_classes, which is "
        "then set."
    )


def refuse_without_gradients(title: str, net: nn.Module, output: Any) -> str:
    """What to say of weights that the output does not depend on; else empty.

    Raises UsageError where it depends on none.
    """
    logits = list(output) if isinstance(output, tuple) else [output]
    if not any(each.requires_grad for each in logits):
        raise UsageError(
            f"What {title} returns has no gradient: its forward detaches it, or runs under "
            "torch.no_grad(), so that nothing can be learned. Leave that out.",
            fields=FIELDS,
        )
    total = torch.stack([each.float().sum() for each in logits]).sum()
    total.backward()  # type: ignore[no-untyped-call]
    trainable = [(name, each) for name, each in net.named_parameters() if each.requires_grad]
    idle = [name for name, each in trainable if each.grad is None]
    if not idle:
        return ""
    layers = list(dict.fromkeys(name.rpartition(".")[0] or name for name in idle))
    more = f" and {len(layers) - NAMES_SHOWN} more" if len(layers) > NAMES_SHOWN else ""
    return (
        f"{', '.join(layers[:NAMES_SHOWN])}{more} of {title} {'is' if len(layers) == 1 else 'are'} "
        "not used in forward, so that nothing trains it."
    )


def notes_on_output(title: str, output: Any) -> Iterable[str]:
    """What is no mistake of the code, and slows learning."""
    logits = output[0] if isinstance(output, tuple) else output
    if logits.shape[1] < 2:
        return
    sums = logits.detach().float().sum(1)
    if bool((logits >= 0).all()) and torch.allclose(sums, torch.ones_like(sums), atol=SUMS_TO_ONE):
        yield (
            f"{title} ends in a softmax, and cross-entropy applies one itself: the gradients are "
            "small and it learns slowly. Return what goes into the softmax (the logits), or use "
            "log_softmax."
        )


def _weights(value: Any, depth: int = DEEPEST) -> Iterator[Tensor]:
    """The trainable weights in what a module keeps under one name."""
    if isinstance(value, nn.Module):
        yield from (each for each in value.parameters() if each.requires_grad)
    elif isinstance(value, Tensor):
        if value.requires_grad and value.is_leaf:
            yield value
    elif depth and isinstance(value, list | tuple | set | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _weights(each, depth - 1)


def _holder(value: Any) -> str:
    return "a plain tensor" if isinstance(value, Tensor) else f"a Python {type(value).__name__}"


def _remedy(value: Any) -> str:
    if isinstance(value, Tensor):
        return "nn.Parameter"
    inside = list(value.values()) if isinstance(value, dict) else list(value)
    of = "Module" if any(isinstance(each, nn.Module) for each in inside) else "Parameter"
    return f"nn.{of}{'Dict' if isinstance(value, dict) else 'List'}"
