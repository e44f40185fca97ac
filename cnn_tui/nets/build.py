"""The one way to make a network by name."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module

from torch import nn

from cnn_tui.errors import LabFault, UsageError
from cnn_tui.nets.catalogue import checked_options
from cnn_tui.nets.records import NetInfo
from cnn_tui.nets.specs import NetSpec, parse, refuse_image_size, with_options
from cnn_tui.options import OptionValue


def build(
    net: str | NetSpec,
    *,
    num_classes: int | None = None,
    in_channels: int | None = None,
    image_size: int | None = None,
    **options: OptionValue,
) -> nn.Module:
    """A freshly initialized network that maps (N, C, H, W) to logits (N, num_classes).

    ``net`` is a network of the catalogue, such as ``vgg16,batch_norm=true``; options
    given by keyword win. What is not given is the network's native value.
    ``image_size`` is the side of its square input, in pixels. Raises UsageError
    for an unknown name or option, for a value that it cannot take, and for a
    size that the network cannot take. On the meta device no numbers are drawn.

    One of the user's own, such as ``my_net.py:Net,width=32``, is loaded, which runs its code; its
    signature says which of these it takes.
    """
    spec = parse(net) if isinstance(net, str) else net
    if spec.is_own:
        from cnn_tui.nets.own import build_own

        spec = replace(spec, options=(*spec.options, *options.items()))
        return build_own(
            spec, num_classes=num_classes, in_channels=in_channels, image_size=image_size
        )
    info = spec.info
    spec = with_options(info, spec.given | checked_options(info, options))
    num_classes = num_classes if num_classes is not None else info.num_classes
    in_channels = in_channels if in_channels is not None else info.in_channels
    image_size = image_size if image_size is not None else info.image_size
    if num_classes < 1 or in_channels < 1:
        raise UsageError(
            f"{info.title} needs at least 1 class and 1 input channel, "
            f"not {num_classes} and {in_channels}."
        )
    refuse_image_size(spec, image_size)
    made: nn.Module = factory(info)(
        num_classes=num_classes, in_channels=in_channels, image_size=image_size, **spec.settings
    )
    return made


def factory(info: NetInfo) -> Callable[..., nn.Module]:
    """The class or function that makes the network."""
    module, _, name = info.build.partition(":")
    try:
        made = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise LabFault(
            f"{info.title} cannot be built: {info.build} cannot be imported ({error}). "
            f"Update or uninstall the package that adds it."
        ) from error
    return partial(made, **info.fixed)
