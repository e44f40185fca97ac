"""Checkpoints: ``best`` for judging, ``last`` for going on.

Weights are safetensors; the optimizer's state lies beside them, in a file that
is read with ``weights_only=True``. ``last.safetensors`` names the optimizer file
that belongs to it and is renamed into place last, so that the two never
disagree, whenever the process is killed.
"""

import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import nn

from cnn_tui.data.tensorfile import write_tensors
from cnn_tui.errors import UsageError
from cnn_tui.files import sweep, write_atomically
from cnn_tui.training.config import NewerVersionError
from cnn_tui.training.loop.counters import RunCounters

FORMAT = 1
"""Of what the files hold; a lab refuses those of a later one."""


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoint files of one run, which only one process of a host ``writes``."""

    folder: Path
    writes: bool = True

    @property
    def last(self) -> Path:
        """The weights to go on from."""
        return self.folder / "last.safetensors"

    @property
    def best(self) -> Path:
        """The weights to judge: the best by validation, or the last where those are asked for."""
        return self.folder / "best.safetensors"

    def save_last(
        self, net: nn.Module, optimizer: torch.optim.Optimizer, progress: RunCounters
    ) -> None:
        """Keep everything that is needed to go on from here."""
        if not self.writes:
            return
        state = self.folder / f"optimizer-{progress.step:08d}-{progress.epoch}.pt"
        write_atomically(state, lambda path: _save_state(path, optimizer))
        facts = {"progress": json.dumps(asdict(progress)), "optimizer": state.name}
        _save_weights(self.last, net, facts)
        for old in self.folder.glob("optimizer-*.pt"):
            if old != state:
                old.unlink(missing_ok=True)

    def save_best(self, net: nn.Module, epoch: int) -> None:
        """Keep the weights that are to be judged."""
        if self.writes:
            _save_weights(self.best, net, {"epoch": str(epoch)})

    def restore(self, net: nn.Module, optimizer: torch.optim.Optimizer) -> RunCounters | None:
        """Bring both to where the last checkpoint was; None where there is none yet.

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
            optimizer.load_state_dict(state)
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


def _save_weights(target: Path, net: nn.Module, facts: dict[str, str]) -> None:
    weights = {name: value.contiguous() for name, value in net.state_dict().items()}
    write_tensors(target, weights, {"format": str(FORMAT), **facts})


def _save_state(path: Path, optimizer: torch.optim.Optimizer) -> None:
    # Given a path or a file, torch hides a full disk behind a RuntimeError of its own.
    memory = io.BytesIO()
    torch.save(optimizer.state_dict(), memory)
    path.write_bytes(memory.getbuffer())


def _refuse_newer(source: Path, facts: dict[str, str]) -> None:
    if int(facts.get("format", FORMAT)) > FORMAT:
        raise NewerVersionError(
            f"The checkpoint {source} was made by a newer cnn-lab: "
            "update with: python3 -m pip install -U cnn-lab"
        )


def _load_weights(source: Path, net: nn.Module) -> None:
    net.load_state_dict(load_file(source))
