"""What taking a network apart answers: frozen records without torch."""

from dataclasses import asdict, dataclass
from typing import Any

from cnn_tui.analysis.networks.input_specs import InputSpec, NetInputs
from cnn_tui.analysis.networks.work_records import KindWork, MemoryUse, Work
from cnn_tui.analysis.records import UNKNOWN, Shape


@dataclass(frozen=True)
class LayerSummary:
    """One module, at the moment it ran.

    ``output_shape`` leaves out the batch. ``parameters`` (and those of them that
    are ``trainable``), ``macs`` and ``activations`` include its children;
    ``activations`` counts the numbers written to new memory for one image, as a
    forward of a training step does that keeps them: every operation's output,
    attention as one fused operation; nothing for what works in place (its input
    is gone) and for mere views. The
    receptive field is that of one output unit, in input pixels: its side
    ``receptive_field`` (GLOBAL where it is the whole image, UNKNOWN after an operation
    that cannot be followed, None where it has no meaning: for weights), the ``jump``
    from one unit to the next, and ``start``, the center of the first unit's field,
    where the first pixel's center is 0.5. In JSON, UNKNOWN is null too, and
    ``receptive_field_known`` is false. ``window`` is
    (kernel_size, stride, padding, dilation) of a sliding layer. ``reused`` marks
    a module that ran before: its parameters are the same ones. ``gated`` marks a
    unit that the whole image also rescales, through squeeze-and-excitation or
    normalization by the image's own statistics. ``seconds`` is the measured time of
    its forward, None where none was measured. ``flops``, ``moved`` and ``weights_read``
    are those of ``Work``; ``estimate`` is the time that a device needs for it at least, in
    seconds, None where none was asked for.
    """

    name: str
    type: str
    depth: int
    is_leaf: bool
    output_shape: Shape
    parameters: int
    macs: int
    receptive_field: int | str | None
    trainable: int = 0
    activations: int = 0
    jump: int | float | None = None
    start: float | None = None
    window: tuple[int, int, int, int] | None = None
    reused: bool = False
    gated: bool = False
    seconds: float | None = None
    flops: int = 0
    moved: int = 0
    weights_read: int = 0
    estimate: float | None = None

    @property
    def macs_per_second(self) -> float | None:
        """None without a measured time, and for what costs no MACs."""
        return _rate(self.macs, self.seconds)

    @property
    def work(self) -> Work:
        """What it has to do, with its children."""
        return Work(self.flops, self.moved, self.weights_read)


TESTED = "none needed: the lab's tests run its own networks"
"""What ``NetSummary.real_run`` says of the catalogue's networks."""


@dataclass(frozen=True)
class NetNote:
    """A likely mistake: its ``kind``, the ``layer`` it is in, what to do, and who explains it.

    ``layer`` is empty where it is the network's own forward; ``topic`` is a slug.
    """

    kind: str
    layer: str
    message: str
    topic: str


@dataclass(frozen=True)
class NetSummary:
    """A network taken apart: its modules in the order in which they ran.

    ``depth`` is the number of layers with weights on the longest path from input
    to output: convolutions and fully connected layers, also those of gates; None where
    that path is lost, as in NumPy; ``receptive_field`` is the largest one before layers
    that end in one view of the whole image, such as global pooling, and GLOBAL where the
    units of a map see all of it, as after self-attention; UNKNOWN as for a layer, and
    None where no input is an image, a signal or a volume;
    ``note`` says, where there is something to say, how it was found out; ``notes``
    are likely mistakes in the network;
    ``total_seconds`` is the measured time of one forward, None if not measured.
    ``inputs`` are all inputs, of which ``input_shape`` is the first one's shape, and
    ``batch`` how many examples the numbers are for, None for a forward without a batch.
    ``real_run`` says how a run with numbers confirmed that torch takes this input, or why
    there was none. ``kinds`` is its work by kind; ``memory`` what activations take, None if
    not asked for.
    """

    net: str
    title: str
    input_shape: Shape
    output_shape: Shape
    total_parameters: int
    total_macs: int
    modules: tuple[LayerSummary, ...]
    total_trainable: int = 0
    total_activations: int = 0
    depth: int | None = 0
    receptive_field: int | str | None = None
    note: str = ""
    total_seconds: float | None = None
    inputs: tuple[InputSpec, ...] = ()
    batch: int | None = 1
    real_run: str = ""
    notes: tuple[NetNote, ...] = ()
    kinds: tuple[KindWork, ...] = ()
    memory: MemoryUse | None = None

    @property
    def work(self) -> Work:
        """What the network has to do in all."""
        return sum((each.work for each in self.kinds), Work())

    @property
    def macs_per_second(self) -> float | None:
        """None without a measured time, and for what costs no MACs."""
        return _rate(self.total_macs, self.total_seconds)

    @property
    def given(self) -> NetInputs:
        """What the network was given."""
        specs = self.inputs or NetInputs.of(self.input_shape).specs
        batch = None if self.batch == 1 else self.batch
        return NetInputs(specs, batch, has_batch=self.batch is not None)

    @property
    def side(self) -> int | None:
        """The shorter side of the image, signal or volume; None where there is none."""
        return min(self._map) if self._map else None

    @property
    def unit(self) -> str:
        """What the sides are counted in."""
        return {1: "samples", 3: "voxels"}.get(len(self._map), "pixels")

    @property
    def _map(self) -> Shape:
        maps = [each.shape[1:] for each in self.given.specs if len(each.shape) > 1]
        return maps[0] if maps else ()

    @property
    def layers(self) -> tuple[LayerSummary, ...]:
        """The modules that have no children: the layers of the table."""
        return tuple(module for module in self.modules if module.is_leaf)

    @property
    def sliding_layers(self) -> tuple[LayerSummary, ...]:
        """The layers that slide a window over what is still a part of the image."""
        return tuple(layer for layer in self.layers if layer.window and layer.jump)

    def totals_json(self) -> dict[str, Any]:
        """The network as a whole: what ``cnn-lab compare --json`` prints of each."""
        return {
            "net": self.net,
            "input_shape": list(self.input_shape),
            "inputs": [each.to_json() for each in self.inputs],
            "batch": self.batch,
            "output_shape": list(self.output_shape),
            "total_parameters": self.total_parameters,
            "trainable_parameters": self.total_trainable,
            "total_macs": self.total_macs,
            "total_flops": self.work.flops,
            "flops_by_kind": {each.kind: each.flops for each in self.kinds},
            "total_activations": self.total_activations,
            "total_seconds": self.total_seconds,
            "depth": self.depth,
            **_field_json(self.receptive_field),
            "note": self.note,
            "real_run": self.real_run,
            "notes": [asdict(each) for each in self.notes],
        }

    def receptive_field_json(self) -> dict[str, Any]:
        """The document that ``cnn-lab receptive-field --json`` prints."""
        settings = ("kernel_size", "stride", "padding", "dilation")
        return {
            "net": self.net,
            "input_shape": list(self.input_shape),
            "inputs": [each.to_json() for each in self.inputs],
            "batch": self.batch,
            **_field_json(self.receptive_field),
            "note": self.note,
            "layers": [
                {
                    "name": layer.name,
                    "type": layer.type,
                    **dict(zip(settings, layer.window or (), strict=True)),
                    "receptive_field": layer.receptive_field,
                    "jump": layer.jump,
                    "start": layer.start,
                }
                for layer in self.sliding_layers
            ],
        }

    def to_json(self) -> dict[str, Any]:
        """The document that ``cnn-lab summary --json`` prints."""
        return {
            **self.totals_json(),
            "layers": [
                {
                    "name": layer.name,
                    "type": layer.type,
                    "output_shape": list(layer.output_shape),
                    "parameters": layer.parameters,
                    "trainable_parameters": layer.trainable,
                    "macs": layer.macs,
                    "flops": layer.flops,
                    "bytes_moved": layer.work.bytes_moved,
                    "activations": layer.activations,
                    "seconds": layer.seconds,
                    **_field_json(layer.receptive_field),
                    "jump": layer.jump,
                    "start": layer.start,
                    "reused": layer.reused,
                    "gated": layer.gated,
                }
                for layer in self.layers
            ],
        }


def _field_json(field: int | str | None) -> dict[str, Any]:
    """Null where it is unknown, and where it has no meaning, which the second key tells apart."""
    is_known = field != UNKNOWN
    return {
        "receptive_field": field if is_known else None,
        "receptive_field_known": is_known,
    }


def _rate(macs: int, seconds: float | None) -> float | None:
    return macs / seconds if macs and seconds else None
