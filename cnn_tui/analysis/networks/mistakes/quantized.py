"""Quantized layers, whose packed weights no count of parameters or MACs sees."""

from torch import nn

from cnn_tui.analysis.networks.calls import layer_title
from cnn_tui.analysis.networks.mistakes.run import TracedRun, listed, note
from cnn_tui.analysis.networks.records import NetNote


def not_counted(run: TracedRun) -> list[NetNote]:
    """What of a quantized network the totals leave out."""
    packed = {name: each for name, each in run.net.named_modules() if _is_packed(each)}
    if not packed:
        return []
    count = sum(each.weight().numel() for each in packed.values())
    names = [layer_title(each) for each in packed]
    message = (
        f"{listed(names)} {'is' if len(names) == 1 else 'are'} quantized: {count:,} weights, "
        "packed as 8-bit integers, and their MACs are not counted here. Summarize the network "
        "before it is quantized to count them."
    )
    return note("quantized", next(iter(packed)), message, "choosing-an-architecture")


def _is_packed(module: nn.Module) -> bool:
    is_quantized = ".quantized." in f"{type(module).__module__}."
    return is_quantized and callable(getattr(module, "weight", None))
