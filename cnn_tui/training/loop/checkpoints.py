"""Checkpoints: ``best`` for judging, ``last`` for going on.

Weights are safetensors; the optimizer's state lies beside them, in a file that
is read with ``weights_only=True``. ``last.safetensors`` names the optimizer file
that belongs to it and is renamed into place last, so that the two never
disagree, whenever the process is killed.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor, nn

from cnn_tui.data.records import DataFacts
from cnn_tui.data.tensorfile import write_tensors
from cnn_tui.errors import UsageError, how_to_update
from cnn_tui.files import sweep, write_atomically
from cnn_tui.training.config_json import NewerVersionError
from cnn_tui.training.loop.averaging import WeightAverage
from cnn_tui.training.loop.counters import RunCounters

DATA_FACTS = "data"
"""Under which name the weights' file tells of the data set."""
SCALER = "scaler"
"""Under which name the optimizer's state holds that of the loss scale, in fp16."""
AVERAGE = "average"
"""The same for the moving average of the weights."""
FORMAT = 1
"""Of what the files hold; a lab refuses those of a later one."""


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoint files of one run, which only one process of a host ``writes``.

    ``data`` goes with the weights, so that they can be used without the data set.
    """

    folder: Path
    writes: bool = True
    data: DataFacts | None = None

    @property
    def last(self) -> Path:
        """The weights to go on from."""
        return self.folder / "last.safetensors"

    @property
    def best(self) -> Path:
        """The weights to judge: the best by validation, or the last where those are asked for."""
        return self.folder / "best.safetensors"

    def save_last(
        self,
        net: nn.Module,
        optimizer: torch.optim.Optimizer,
        progress: RunCounters,
        scaler: torch.amp.GradScaler | None = None,
        average: WeightAverage | None = None,
    ) -> None:
        """Keep everything that is needed to go on from here."""
        if not self.writes:
            return
        state = self.folder / f"optimizer-{progress.step:08d}-{progress.epoch}.pt"
        write_atomically(state, lambda path: _save_state(path, optimizer, scaler, average))
        facts = {"progress": json.dumps(asdict(progress)), "optimizer": state.name}
        _save_weights(self.last, net.state_dict(), facts | self._about_data())
        for old in self.folder.glob("optimizer-*.pt"):
            if old != state:
                old.unlink(missing_ok=True)

    def save_best(self, net: nn.Module | Mapping[str, Tensor], epoch: int) -> None:
        """Keep the weights that are to be judged: those of a network, or what they were once."""
        if self.writes:
            weights = net.state_dict() if isinstance(net, nn.Module) else net
            _save_weights(self.best, weights, {"epoch": str(epoch)} | self._about_data())

    def restore(
        self,
        net: nn.Module,
        optimizer: torch.optim.Optimizer,
        scaler: torch.amp.GradScaler | None = None,
        average: WeightAverage | None = None,
    ) -> RunCounters | None:
        """Bring all to where the last checkpoint was; None where there is none yet.

        Raises UsageError where the files are damaged, NewerVersionError where a
        newer lab wrote them.
        """
        if self.writes:
            sweep(self.folder)
        if not self.last.exists():
            return None
        try:
            with safe_open(self.last, framework="pt") as file:
                facts = file.metadata()
            _refuse_newer(self.last, facts)
            progress = RunCounters(**json.loads(facts["progress"]))
            _load_weights(self.last, net)
            state = torch.load(
                self.folder / facts["optimizer"], map_location="cpu", weights_only=True
            )
            scale = state.pop(SCALER, None)
            averages = state.pop(AVERAGE, None)
            optimizer.load_state_dict(state)
            if average is not None:
                average.load_state_dict(averages)
            if scaler is not None and scale is not None:
                scaler.load_state_dict(scale)
        except NewerVersionError:
            raise
        except Exception as error:  # Damaged files raise whatever their parser meets.
            raise UsageError(
                f"The checkpoint {self.last} cannot be read ({type(error).__name__}): "
                "this run cannot go on; start a new one."
            ) from error
        return progress

    def load_best(self, net: nn.Module) -> None:
        """Give ``net`` the best weights; raises UsageError where they cannot be read."""
        try:
            _load_weights(self.best, net)
        except (OSError, SafetensorError, RuntimeError) as error:
            raise UsageError(
                f"The weights {self.best} cannot be read ({type(error).__name__}): start a new run."
            ) from error

    def _about_data(self) -> dict[str, str]:
        return {} if self.data is None else {DATA_FACTS: json.dumps(self.data.to_json())}


def facts_in(metadata: Mapping[str, str]) -> DataFacts | None:
    """What the ``metadata`` of weights say of their data set; None where they say nothing."""
    try:
        return DataFacts.from_json(json.loads(metadata[DATA_FACTS]))
    except (KeyError, ValueError, TypeError):
        return None


def _save_weights(target: Path, weights: Mapping[str, Tensor], facts: dict[str, str]) -> None:
    plain = {name: value.contiguous() for name, value in weights.items()}
    write_tensors(target, plain, {"format": str(FORMAT), **facts})


def _save_state(
    path: Path,
    optimizer: torch.optim.Optimizer,
    scaler: torch.amp.GradScaler | None,
    average: WeightAverage | None,
) -> None:
    state = optimizer.state_dict()
    if scaler is not None and scaler.is_enabled():
        state[SCALER] = scaler.state_dict()
    if average is not None:
        state[AVERAGE] = average.state_dict()
    # Given a path or a file, torch hides a full disk behind a RuntimeError of its own.
    memory = io.BytesIO()
    torch.save(state, memory)
    path.write_bytes(memory.getbuffer())


def _refuse_newer(source: Path, facts: dict[str, str]) -> None:
    if int(facts.get("format", FORMAT)) > FORMAT:
        raise NewerVersionError(
            f"The checkpoint {source} was made by a newer cnn-lab: update with: {how_to_update()}"
        )


def _load_weights(source: Path, net: nn.Module) -> None:
    net.load_state_dict(load_file(source))
