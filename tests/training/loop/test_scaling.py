"""Runs in fp16: their loss is scaled, and steps that overflow are skipped."""

import itertools
import math
from collections.abc import Callable
from functools import partial

import pytest
import torch
from safetensors.torch import load_file

from cnn_tui.errors import RunError, UsageError
from cnn_tui.training.device.setup import decide
from cnn_tui.training.loop import bookkeeping, epochs
from cnn_tui.training.records import Ended, Note, StepMetrics
from tests.training.conftest import Here, made_up_data, small_config

MakeRun = Callable[..., Here]
PLAIN = torch.amp.GradScaler


@pytest.fixture
def restless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loss scale that rises every other step, so that steps overflow throughout."""
    scaler = partial(PLAIN, init_scale=2.0**13, growth_interval=2, growth_factor=16.0)
    monkeypatch.setattr(torch.amp, "GradScaler", scaler)


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("polls", [0, 2, 5, 8])
def test_a_stopped_run_in_fp16_goes_on_to_the_same_bits(
    here: MakeRun, restless: None, optimizer: str, polls: int
) -> None:
    options = {"precision": "fp16", "clip_grad": 0.5, "optimizer": optimizer, "lr": 0.01}
    whole, parts = here("whole", **options), here("parts", **options)
    session = whole.train()
    counted = itertools.count()
    parts.train(should_stop=lambda: next(counted) >= polls)
    assert parts.events()[-1].state == "stopped"
    resumed = parts.train()
    assert resumed.scaler.state_dict() == session.scaler.state_dict()
    one, other = (load_file(run.folder / "last.safetensors") for run in (whole, parts))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert [each for each in whole.events() if isinstance(each, Note)]


def test_steps_that_overflow_are_skipped_noted_and_logged(
    here: MakeRun,
    restless: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(epochs, "FLUSH_SECONDS", 0.0)
    run = here(precision="fp16", epochs=6)
    run.train()
    notes = [event.message for event in run.events() if isinstance(event, Note)]
    assert len(notes) == 1
    assert "1 step was skipped up to step" in notes[0]
    assert "overflowed in fp16; the loss scale is" in notes[0]
    assert "was skipped up to step" in capsys.readouterr().out
    (end,) = (event for event in run.events() if isinstance(event, Ended))
    assert (end.state, end.test_accuracy) == ("finished", 1.0)


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_a_first_step_that_is_skipped_changes_nothing(
    here: MakeRun, monkeypatch: pytest.MonkeyPatch, optimizer: str
) -> None:
    monkeypatch.setattr(torch.amp, "GradScaler", partial(PLAIN, init_scale=2.0**60))
    monkeypatch.setattr(torch, "empty_like", lambda like, **_: torch.full_like(like, math.nan))
    session = here(precision="fp16", optimizer=optimizer, epochs=1).open()
    before = [each.clone() for each in session.net.parameters()]
    images, labels = next(session.train.epoch(0, 0))
    monkeypatch.setattr(session.train, "epoch", lambda *_: iter([(images, labels)]))
    epochs.train_epoch(session)
    assert all(map(torch.equal, before, session.net.parameters()))
    for state in session.optimizer.state.values():
        assert all(not value.any() for value in state.values())
    assert session.scaler.get_scale() == 2.0**59


def test_gradients_are_unscaled_before_they_are_clipped_and_told(
    here: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epochs, "FLUSH_SECONDS", 0.0)
    monkeypatch.setattr(bookkeeping, "SHORTEST_READING", 0.0)
    monkeypatch.setattr(torch.amp, "GradScaler", partial(PLAIN, init_scale=1024.0))
    norms: dict[str, list[float | None]] = {}
    weights = {}
    for precision in ("fp32", "fp16"):
        for clip in (None, 0.1):
            options = {"optimizer": "sgd", "lr": 0.01, "clip_grad": clip, "epochs": 1}
            run = here(f"{precision} {clip}", precision=precision, **options)
            run.train()
            told = [each for each in run.events() if isinstance(each, StepMetrics)]
            norms[run.folder.name] = [each.gradient_norm for each in told]
            weights[run.folder.name] = load_file(run.folder / "last.safetensors")
    for clip in (None, 0.1):
        assert norms[f"fp16 {clip}"] == pytest.approx(norms[f"fp32 {clip}"], rel=0.05)
        for name, value in weights[f"fp32 {clip}"].items():
            assert torch.allclose(value, weights[f"fp16 {clip}"][name], atol=2e-3)


def test_whether_to_skip_is_decided_on_the_device(
    here: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def waits(*_: object) -> None:
        raise AssertionError("the step would wait for the device")

    monkeypatch.setattr(PLAIN, "_maybe_opt_step", waits)
    for optimizer in ("sgd", "adam", "adamw"):
        here(optimizer, precision="fp16", optimizer=optimizer, epochs=1, clip_grad=1.0).train()


def test_a_loss_that_is_no_number_may_be_for_want_of_range(here: MakeRun) -> None:
    run = here(precision="fp16", optimizer="sgd", lr=99.0, schedule="constant", epochs=9)
    with pytest.raises(RunError, match="lower learning rate than 99, or with the precision fp32"):
        run.train()


def test_other_precisions_have_no_scale(here: MakeRun) -> None:
    for precision in ("fp32", "bf16"):
        session = here(precision, precision=precision, epochs=1).train()
        assert not session.scaler.is_enabled()
        state = torch.load(next(session.checkpoints.folder.glob("optimizer-*.pt")))
        assert set(state) == {"state", "param_groups"}


def test_fp16_is_refused_on_an_apple_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(torch.mps, "recommended_max_memory", lambda: math.inf)
    with pytest.raises(UsageError, match="take bf16 or fp32 on an Apple GPU") as error:
        decide(small_config(device="mps", precision="fp16"), made_up_data())
    assert error.value.fields == ("precision",)
