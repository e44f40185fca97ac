"""Networks: listed, built, and inspected layer by layer."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, overload

from rich.console import RenderableType

from cnn_tui.analysis.networks.costs import BATCH_SIZE, PRECISION, CostSettings, NetCosts
from cnn_tui.analysis.networks.costs import costs as estimated
from cnn_tui.analysis.networks.input_specs import NetInputs
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.api.arguments import net_name, whole
from cnn_tui.api.inputs import GivenInputs, as_inputs
from cnn_tui.api.results import LabResult, as_result
from cnn_tui.engine import jobs
from cnn_tui.errors import UsageError
from cnn_tui.nets.catalogue import all_nets, net_info
from cnn_tui.nets.records import NetInfo
from cnn_tui.nets.specs import parse
from cnn_tui.options import OptionValue
from cnn_tui.render.networks.catalogue import net_list
from cnn_tui.render.networks.compare import net_comparison
from cnn_tui.render.networks.costs import net_costs
from cnn_tui.render.networks.receptive_field import receptive_field_table
from cnn_tui.render.networks.summary import net_summary

if TYPE_CHECKING:
    from torch import nn

Net: TypeAlias = "str | NetInfo | nn.Module"
"""A name of ``list_nets``, with options if you like (``vgg16,batch_norm=true``), ``file.py:Class``,
``package.module:Factory``, a record of ``list_nets``, or a network that was built already."""


class NetCatalogue(LabResult, Sequence[NetInfo]):
    """The catalogue's networks, oldest first; also by name: ``lab.list_nets()["vgg16"]``."""

    IN_BRIEF = ("names",)

    @property
    def names(self) -> tuple[str, ...]:
        """What each of them is called."""
        return tuple(net.name for net in all_nets())

    @overload
    def __getitem__(self, place: int | str) -> NetInfo: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[NetInfo, ...]: ...
    def __getitem__(self, place: int | str | slice) -> NetInfo | tuple[NetInfo, ...]:
        """One by its place or its name, or several by a slice."""
        return net_info(place) if isinstance(place, str) else all_nets()[place]

    def __len__(self) -> int:
        return len(all_nets())

    def __rich__(self) -> RenderableType:
        """The timeline, as ``cnn-lab nets`` prints it."""
        return net_list(all_nets())


class Summary(LabResult, NetSummary):
    """A network layer by layer, with the fields of ``NetSummary``."""

    IN_BRIEF = ("net", "input_shape", "output_shape", "total_parameters", "total_macs")

    def __rich__(self) -> RenderableType:
        """The table of layers, as ``cnn-lab summary`` prints it."""
        return net_summary(self)

    def costs(
        self, device: str | None = None, *, precision: str = PRECISION, batch_size: int = BATCH_SIZE
    ) -> "Costs":
        """What each layer costs on a device, in a precision, for a batch of images.

        ``device`` is one of ``cnn-lab summary --on``. Raises UsageError for one that is not.

        >>> import cnn_tui as lab
        >>> lab.summary("resnet18").costs("h100").bound(lab.summary("resnet18").layers[1].work)
        'memory'
        """
        return as_result(Costs, estimated(self, CostSettings(device, precision, batch_size)))


class Costs(LabResult, NetCosts):
    """A network on a device, with the fields of ``NetCosts``."""

    IN_BRIEF = ("device", "precision", "batch_size", "seconds")

    def __rich__(self) -> RenderableType:
        """Layers, kinds and memory, as ``cnn-lab summary --costs`` prints them."""
        return net_costs(self)


class ReceptiveField(LabResult, NetSummary):
    """How a network's receptive field grows: ``sliding_layers``, and the largest one."""

    IN_BRIEF = ("net", "input_shape", "receptive_field")

    def __rich__(self) -> RenderableType:
        """The recurrence, as ``cnn-lab receptive-field`` prints it."""
        return receptive_field_table(self)

    def to_json(self) -> dict[str, Any]:
        """The document that ``cnn-lab receptive-field --json`` prints."""
        return self.receptive_field_json()


class Comparison(LabResult, Sequence[Summary]):
    """Networks side by side: a sequence of their summaries."""

    IN_BRIEF = ("nets",)

    def __init__(self, summaries: Sequence[Summary]) -> None:
        self._summaries = tuple(summaries)

    @property
    def nets(self) -> tuple[str, ...]:
        """What each of them is called."""
        return tuple(each.net for each in self._summaries)

    @overload
    def __getitem__(self, place: int) -> Summary: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Summary, ...]: ...
    def __getitem__(self, place: int | slice) -> Summary | tuple[Summary, ...]:
        """One by its place, or several by a slice."""
        return self._summaries[place]

    def __len__(self) -> int:
        return len(self._summaries)

    def __iter__(self) -> Iterator[Summary]:
        return iter(self._summaries)

    def __rich__(self) -> RenderableType:
        """Table and bars, as ``cnn-lab compare`` prints them."""
        return net_comparison(self._summaries)

    def to_json(self) -> list[dict[str, Any]]:
        """The document that ``cnn-lab compare --json`` prints."""
        return [each.totals_json() for each in self._summaries]


def list_nets() -> NetCatalogue:
    """Every network of the chapter, oldest first.

    >>> import cnn_tui as lab
    >>> lab.list_nets().names[:3]
    ('lenet5', 'alexnet', 'vgg11')
    >>> lab.list_nets()["resnet18"].year
    2015
    """
    return NetCatalogue()


def build(
    net: str | NetInfo,
    *,
    num_classes: int | None = None,
    in_channels: int | None = None,
    image_size: int | None = None,
    **options: OptionValue,
) -> "nn.Module":
    """A network with fresh weights, which maps images (N, C, H, W) to logits (N, classes).

    What is not given is what the network has by itself; ``options`` are its own,
    such as ``batch_norm`` of a VGG. Raises UsageError for what it cannot take.

    >>> import cnn_tui as lab
    >>> sum(each.numel() for each in lab.build("lenet5", image_size=32).parameters())
    61706
    """
    from cnn_tui.nets.build import build as build_net

    return build_net(
        net_name(net, "build"),
        num_classes=whole(num_classes, "num_classes", 1),
        in_channels=whole(in_channels, "in_channels", 1),
        image_size=whole(image_size, "image_size", 1),
        **options,
    )


def summary(
    net: Net,
    *,
    input: GivenInputs | None = None,
    batch: int | None = None,
    no_batch: bool = False,
    input_shape: Sequence[int] | None = None,
    time: bool = False,
    memory: bool = False,
) -> Summary:
    """A network layer by layer: output shape, parameters, cost and receptive field, for one image.

    ``input`` is the shape of an input without the batch, (3, 224, 224) or ``"16:int64"``, a
    list of several, or a mapping from parameters of forward to them; the network's own, or
    one that fits, if not given. ``batch`` is for a forward that takes a fixed batch and
    ``no_batch`` for one that takes none; ``input_shape`` is the older name of ``input``.
    ``time`` also runs the network and measures how long each layer takes; ``memory`` finds
    out what the activations of a network of your own take. A network
    that was built already is left as it is. Raises UsageError for an unknown network, and
    for an input that it cannot take.

    >>> import cnn_tui as lab
    >>> lenet5 = lab.summary("lenet5", input=(1, 32, 32))
    >>> lenet5.total_parameters
    61706
    >>> lenet5.layers[0].output_shape
    (6, 28, 28)
    """
    inputs = as_inputs(input, input_shape, batch, no_batch=no_batch)
    return as_result(Summary, _summarized(net, inputs, time, memory))


def compare(
    *nets: Net,
    input: GivenInputs | None = None,
    batch: int | None = None,
    no_batch: bool = False,
    input_shape: Sequence[int] | None = None,
) -> Comparison:
    """Two networks or more side by side: size, cost, memory, depth, receptive field.

    ``input``, ``batch`` and ``no_batch`` are those of ``summary``.

    >>> import cnn_tui as lab
    >>> [each.total_parameters for each in lab.compare("lenet5", "cifar10net")]
    [44426, 4507722]
    """
    if len(nets) < 2:
        raise UsageError('compare takes two networks or more, such as compare("lenet5", "vgg16").')
    inputs = as_inputs(input, input_shape, batch, no_batch=no_batch)
    return Comparison([as_result(Summary, _summarized(net, inputs)) for net in nets])


def receptive_field(
    net: Net,
    *,
    input: GivenInputs | None = None,
    batch: int | None = None,
    no_batch: bool = False,
    input_shape: Sequence[int] | None = None,
) -> ReceptiveField:
    """How the receptive field grows from layer to layer, with its arithmetic.

    ``input``, ``batch`` and ``no_batch`` are those of ``summary``.

    >>> import cnn_tui as lab
    >>> lab.receptive_field("lenet5").receptive_field
    16
    """
    inputs = as_inputs(input, input_shape, batch, no_batch=no_batch)
    return as_result(ReceptiveField, _summarized(net, inputs))


def _summarized(
    net: Net, inputs: NetInputs | None, timed: bool = False, memory: bool = False
) -> NetSummary:
    if isinstance(net, NetInfo):
        net = net.name
    if isinstance(net, str):
        parse(net)  # a wrong name answers before torch is imported
        return jobs.summarize(net, inputs, timed, memory)
    from torch import nn

    if not isinstance(net, nn.Module):
        raise UsageError(
            f"A network is a name, such as 'lenet5', or a torch.nn.Module, not {net!r}."
        )
    from cnn_tui.analysis.networks.modules import summarize_instance

    return summarize_instance(net, inputs, timed=timed, memory=memory)
