import itertools
import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch.nn import functional as F

from cnn_tui.data.loading.loader import Loader
from cnn_tui.errors import RunError, UsageError
from cnn_tui.nets.catalogue import names, net_info
from cnn_tui.training.kept import kept_epoch
from cnn_tui.training.loop import bookkeeping, epochs
from cnn_tui.training.loop.checkpoints import Checkpoints
from cnn_tui.training.loop.counters import RunCounters
from cnn_tui.training.loop.running_metrics import Meter, MetricsWindow
from cnn_tui.training.loop.session import TrainingSession
from cnn_tui.training.records import Ended, EpochMetrics, Resumed, Started, StepMetrics
from tests.training.conftest import Here, made_up_data

MakeRun = Callable[..., Here]
Weights = dict[str, torch.Tensor]


def last_weights(run: Here) -> Weights:
    return load_file(run.folder / "last.safetensors")


def same(one: Weights, other: Weights) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def after_polls(count: int) -> Callable[[], bool]:
    polls = itertools.count()
    return lambda: next(polls) >= count


def epochs_of(run: Here) -> list[EpochMetrics]:
    return [event for event in run.events() if isinstance(event, EpochMetrics)]


def test_a_run_learns_and_tells_its_result(here: MakeRun) -> None:
    run = here()
    run.train()
    assert isinstance(run.events()[0], Started)
    assert [event.epoch for event in epochs_of(run)] == [1, 2, 3]
    end = run.events()[-1]
    assert isinstance(end, Ended)
    assert (end.state, end.epoch, end.step, end.test_accuracy) == ("finished", 3, 15, 1.0)
    assert end.message == "Finished."
    assert end.best_val_accuracy == 1.0
    assert end.images_per_second > 0


def test_tells_what_the_largest_class_is_worth(here: MakeRun) -> None:
    data = made_up_data()
    dark, light = (data.train.labels == label for label in (0, 1))
    rows = [
        *torch.nonzero(dark).flatten().tolist()[:9],
        *torch.nonzero(light).flatten().tolist()[:1],
    ]
    run = here(data=replace(data, test=data.train.at(rows)), epochs=1, lr=1e-30)
    session = run.train()
    started, end = run.events()[0], run.events()[-1]
    assert isinstance(started, Started) and isinstance(end, Ended)
    assert (started.val_baseline, started.test_baseline) == (0.5, 0.9)
    assert (end.baseline_accuracy, end.is_uneven) == (0.9, True)
    assert end.uneven_val_baseline is None  # because validation has as many of both
    images, labels = map(torch.cat, zip(*session.test.in_order(), strict=True))
    with torch.no_grad():
        hits = session.net.eval()(images).argmax(1) == labels
    recalls = [hits[labels == label].double().mean().item() for label in (0, 1)]
    assert end.balanced_accuracy == pytest.approx(sum(recalls) / 2)


def test_remembers_to_its_end_what_the_largest_class_is_worth_on_validation(here: MakeRun) -> None:
    data = made_up_data()
    dark = torch.nonzero(data.train.labels == 0).flatten().tolist()
    light = torch.nonzero(data.train.labels == 1).flatten().tolist()
    run = here(data=replace(data, val=data.train.at([*dark[:9], *light[:1]])), epochs=1)
    run.train()
    end = run.events()[-1]
    assert isinstance(end, Ended)
    assert end.uneven_val_baseline == 0.9


def test_the_same_seed_gives_the_same_bits(here: MakeRun) -> None:
    one, again, other = here("one", seed=0), here("again", seed=0), here("other", seed=1)
    for run in (one, again, other):
        run.train()
    assert same(last_weights(one), last_weights(again))
    assert not same(last_weights(one), last_weights(other))


def test_images_on_the_host_give_the_same_bits(here: MakeRun) -> None:
    options = {"augment": "crop+flip", "cutout": 5}
    runs = [here(each, placement=each, **options) for each in ("device", "host")]
    for run in runs:
        run.train()
        assert run.events()[0].placement == run.folder.name
    assert same(*map(last_weights, runs))


def test_a_run_goes_on_only_with_the_steps_of_its_epochs(here: MakeRun) -> None:
    run = here()
    run.train(should_stop=after_polls(5))
    path = run.folder / "last.safetensors"
    path.write_bytes(path.read_bytes().replace(b'steps_per_epoch\\": 5', b'steps_per_epoch\\": 6'))
    with pytest.raises(UsageError, match=r"had 6 steps and has 5 now: .* as many processes"):
        run.open()


def test_determinism_is_asked_of_torch_for_as_long_as_a_run_wants_it(here: MakeRun) -> None:
    here("one", deterministic=True).open()
    assert torch.are_deterministic_algorithms_enabled()
    assert not torch.is_deterministic_algorithms_warn_only_enabled()
    here("other").open()
    assert not torch.are_deterministic_algorithms_enabled()


@pytest.mark.parametrize("polls", [0, 3, 4, 5, 6, 7, 12, 20, 21])
def test_a_stopped_run_goes_on_to_the_same_bits(here: MakeRun, polls: int) -> None:
    options = {"cutout": 5, "clip_grad": 0.5, "patience": 9}
    whole, parts = here("whole", **options), here("parts", **options)
    whole.train()
    parts.train(should_stop=after_polls(polls))
    assert parts.events()[-1].state == "stopped"
    parts.train()
    assert any(isinstance(event, Resumed) for event in parts.events())
    assert parts.events()[-1].state == "finished"
    assert same(last_weights(whole), last_weights(parts))
    assert [event.epoch for event in epochs_of(parts)] == [1, 2, 3]
    for told, expected in zip(epochs_of(parts), epochs_of(whole), strict=True):
        assert told.val_loss == expected.val_loss
        assert told.train_loss == pytest.approx(expected.train_loss)
        assert told.train_accuracy == expected.train_accuracy


@pytest.mark.slow
def test_dropout_masks_and_batch_statistics_survive_a_stop(here: MakeRun) -> None:
    data = made_up_data(train=12, channels=1, size=8)
    runs = [here(name, data, net="cifar10net", image_size=8, epochs=2) for name in ("a", "b")]
    runs[0].train()
    runs[1].train(should_stop=after_polls(1))
    runs[1].train()
    assert same(last_weights(runs[0]), last_weights(runs[1]))


def test_the_epochs_loss_weighs_every_image_alike(here: MakeRun) -> None:
    data = made_up_data(train=43)
    run = here(data=data, epochs=1, lr=1e-30, augment="none", label_smoothing=0.2)
    session = run.open()
    images = torch.cat([x for x, _ in session.train.in_order()])
    labels = torch.cat([y for _, y in session.train.in_order()])
    with torch.no_grad():
        logits = session.net(images)
    epochs.train(session)
    (epoch,) = epochs_of(run)
    assert epoch.train_loss == pytest.approx(F.cross_entropy(logits, labels).item(), rel=1e-5)
    assert epoch.train_accuracy == int((logits.argmax(1) == labels).sum()) / 43


def test_the_best_weights_by_validation_are_tested_once(
    here: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = here().open()
    seen: list[tuple[str, Weights]] = []
    scores = iter([0.5, 0.9, 0.7, 0.6])

    def scripted(session: TrainingSession, loader: object, _: int = 0) -> MetricsWindow:
        part = "test" if loader is session.test else "val"
        weights = {name: value.clone() for name, value in session.net.state_dict().items()}
        seen.append((part, weights))
        return MetricsWindow(loss_sum=1.0, correct=round(10 * next(scores)), seen=10, seconds=0.1)

    monkeypatch.setattr(epochs, "evaluate", scripted)
    epochs.train(session)
    assert [part for part, _ in seen] == ["val", "val", "val", "test"]
    assert same(seen[3][1], seen[1][1])
    assert session.progress.best_val_accuracy == 0.9


def test_the_last_weights_are_tested_where_that_is_asked_for(
    here: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = here(judged="last").open()
    scores = iter([0.5, 0.9, 0.7, 0.6])
    monkeypatch.setattr(
        epochs, "evaluate", lambda *_: MetricsWindow(1.0, round(10 * next(scores)), 10, 1)
    )
    epochs.train(session)
    kept, last = (load_file(getattr(session.checkpoints, name)) for name in ("best", "last"))
    assert same(kept, last)
    assert same(kept, dict(session.net.state_dict()))
    assert session.progress.best_val_accuracy == 0.9


def test_a_run_stops_early_with_the_best_weights(
    here: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = here(epochs=9, patience=2, warmup=0.0).open()
    scores = iter([0.5, 0.9, 0.9, 0.7, 0.8])
    monkeypatch.setattr(
        epochs, "evaluate", lambda *_: MetricsWindow(1.0, round(10 * next(scores)), 10, 1)
    )
    epochs.train(session)
    assert session.progress.epoch == 4
    best = load_file(session.checkpoints.best)
    assert same(best, dict(session.net.state_dict()))


def test_patience_begins_with_the_end_of_the_warm_up(
    here: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten epochs, of which four are warm-up: nothing need rise before the fifth."""
    session = here(epochs=10, patience=2, schedule="onecycle", warmup=0.35).open()
    monkeypatch.setattr(epochs, "evaluate", lambda *_: MetricsWindow(1.0, 5, 10, 1))
    epochs.train(session)
    assert session.progress.epoch == 6


@pytest.mark.parametrize(("judged", "kept"), [("best", 3), ("last", 4)])
def test_the_epoch_whose_weights_are_kept_is_known_from_the_events(
    here: MakeRun, monkeypatch: pytest.MonkeyPatch, judged: str, kept: int
) -> None:
    run = here(epochs=4, judged=judged)
    session = run.open()
    scores = iter([(0.5, 1.0), (0.9, 2.0), (0.9, 1.5), (0.9, 1.5), (0.8, 1.0)])
    monkeypatch.setattr(
        epochs,
        "evaluate",
        lambda *_: (lambda a, loss: MetricsWindow(10 * loss, round(10 * a), 10, 1))(*next(scores)),
    )
    epochs.train(session)
    told = kept_epoch(run.events(), judged=judged)
    with safe_open(session.checkpoints.best, framework="pt") as file:
        assert file.metadata()["epoch"] == str(kept)
    assert told is not None
    assert told.epoch == kept


@pytest.mark.parametrize("polls", [5, 15, 21])
def test_patience_survives_a_stop(here: MakeRun, polls: int) -> None:
    run = here(lr=1e-30, epochs=9, patience=2, warmup=0.0)
    run.train(should_stop=after_polls(polls))
    assert run.events()[-1].state == "stopped"
    run.train()
    end = run.events()[-1]
    assert (end.state, end.epoch, end.test_accuracy) == ("finished", 3, 0.5)
    assert end.message == (
        "Stopped early after 3 of 9 epochs: validation accuracy had not risen for 2 epochs."
    )


def test_equal_accuracy_is_decided_by_the_loss() -> None:
    progress = RunCounters()
    assert progress.improves(MetricsWindow(loss_sum=9.0, correct=5, seen=10, seconds=1.0))
    assert progress.improves(MetricsWindow(loss_sum=8.0, correct=5, seen=10, seconds=1.0))
    assert not progress.improves(MetricsWindow(loss_sum=8.5, correct=5, seen=10, seconds=1.0))
    assert not progress.improves(MetricsWindow(loss_sum=1.0, correct=4, seen=10, seconds=1.0))
    assert (progress.best_val_accuracy, progress.best_val_loss) == (0.5, 0.8)


def test_a_stop_while_testing_keeps_the_last_weights_and_not_the_best(
    here: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RunCounters, "improves", lambda progress, _: progress.epoch == 1)
    whole, parts = here("whole"), here("parts")
    whole.train()
    parts.train(should_stop=after_polls(21))
    assert (parts.events()[-1].state, parts.events()[-1].epoch) == ("stopped", 3)
    parts.train()
    assert same(last_weights(whole), last_weights(parts))
    assert parts.events()[-1].test_loss == whole.events()[-1].test_loss


def test_a_loss_that_is_no_number_ends_the_run_with_advice(here: MakeRun) -> None:
    run = here(lr=0.5)
    run.train(should_stop=after_polls(3))
    before = last_weights(run)
    session = run.open()
    with torch.no_grad():
        session.net.fc3.bias.fill_(float("nan"))
    first = session.progress.step + 1
    with pytest.raises(RunError, match=rf"since step {first}\).* lower learning rate than 0\.5"):
        epochs.train(session)
    assert same(last_weights(run), before)


def test_the_step_is_named_in_which_the_loss_broke(
    here: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = here(label_smoothing=0.0).open()
    losses = iter([1.0, 1.0, 1.0, math.nan, 1.0])

    def scripted(logits: torch.Tensor, *_: object) -> torch.Tensor:
        return logits.sum() * 0 + next(losses)

    monkeypatch.setattr(epochs, "loss_of", scripted)
    with pytest.raises(RunError, match=r"since step 4\)"):
        epochs.train(session)


def test_a_few_last_steps_of_an_epoch_are_not_told_apart(
    here: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = here(epochs=2)
    session = run.open()
    steps = itertools.count(1)
    monkeypatch.setattr(Meter, "is_due", lambda *_: next(steps) % 5 == 4)
    epochs.train(session)
    told = [event.step for event in run.events() if isinstance(event, StepMetrics)]
    assert told == [4, 9]
    assert [event.train_accuracy for event in epochs_of(run)] != []
    assert session.progress.images == 80


def test_the_first_checkpoint_comes_soon(here: MakeRun) -> None:
    run = here(checkpoint_seconds=1000.0)
    assert 150 < run.open().checkpoint_due - time.monotonic() <= 200


@pytest.fixture
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The epochs whose weights are written as the best; each time takes a while."""
    written: list[int] = []
    plain = Checkpoints.save_best

    def save_best(checkpoints: Checkpoints, weights: Weights, epoch: int) -> None:
        written.append(epoch)
        time.sleep(0.01)
        plain(checkpoints, weights, epoch)

    monkeypatch.setattr(Checkpoints, "save_best", save_best)
    return written


def best_epoch(session: TrainingSession) -> int:
    with safe_open(session.checkpoints.best, framework="pt") as file:
        return int(file.metadata()["epoch"])


def test_short_epochs_do_not_wait_for_the_disk_and_their_best_weights_are_kept(
    here: MakeRun, slow_disk: list[int]
) -> None:
    """Each epoch has better weights than the one before, and takes less than a writing."""
    data = made_up_data(train=8)
    session = here(data=data, judged="last", epochs=30, checkpoint_seconds=1000.0).train()
    assert slow_disk[0] == 1
    assert slow_disk[-1] == best_epoch(session) == 30
    assert len(slow_disk) < 10
    best = load_file(session.checkpoints.best)
    assert same(best, load_file(session.checkpoints.last))


def test_a_checkpoint_never_goes_before_the_best_weights_of_its_epoch(
    here: MakeRun, slow_disk: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    behind: list[int] = []
    plain = Checkpoints.save_last

    def save_last(checkpoints: Checkpoints, *rest: Any) -> None:
        progress = session.progress
        behind.append(progress.epoch - best_epoch(session) if progress.epoch else 0)
        plain(checkpoints, *rest)

    monkeypatch.setattr(Checkpoints, "save_last", save_last)
    monkeypatch.setattr(epochs, "FLUSH_SECONDS", 0.0)
    run = here(judged="last", epochs=12, checkpoint_seconds=0.0)
    session = run.open()
    epochs.train(session)
    assert set(behind) == {0}


def test_the_best_weights_are_written_where_a_run_fails(
    here: MakeRun, slow_disk: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = here(judged="last", epochs=5, checkpoint_seconds=1000.0).open()
    scores = iter([0.5, 0.6, 0.7, math.nan])
    plain = epochs.evaluate

    def evaluate(session: TrainingSession, loader: Loader) -> MetricsWindow:
        if math.isnan(next(scores)):
            raise RunError("The loss is no longer a number")
        return plain(session, loader)

    monkeypatch.setattr(epochs, "evaluate", evaluate)
    with pytest.raises(RunError, match="no longer a number"):
        epochs.train(session)
    assert best_epoch(session) == 3


def test_bf16_trains_where_it_is_chosen(here: MakeRun) -> None:
    run = here(precision="bf16")
    run.train()
    assert run.events()[0].precision == "bf16"
    assert run.events()[-1].test_accuracy == 1.0


def test_metrics_are_flushed_while_an_epoch_is_under_way(
    here: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epochs, "FLUSH_SECONDS", 0.0)
    monkeypatch.setattr(bookkeeping, "SHORTEST_READING", 0.0)
    run = here(epochs=1)
    run.train()
    steps = [event for event in run.events() if isinstance(event, StepMetrics)]
    assert [event.step for event in steps] == [1, 2, 3, 4, 5]
    assert sum(event.lr for event in steps) > 0
    assert steps[0].seconds_left > 0
    assert steps[-1].seconds_left == 0


def test_the_gradient_is_told_as_it_was_before_clipping(
    here: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epochs, "FLUSH_SECONDS", 0.0)
    monkeypatch.setattr(bookkeeping, "SHORTEST_READING", 0.0)
    norms = []
    for run in (here("plain", epochs=1), here("clipped", epochs=1, clip_grad=1e-3)):
        run.train()
        norms.append([e.gradient_norm for e in run.events() if isinstance(e, StepMetrics)])
    assert norms[0][0] == pytest.approx(norms[1][0])
    assert min(norms[1]) > 1e-3


def test_a_gradient_that_is_no_number_is_not_told(here: MakeRun) -> None:
    session = here().open()
    session.gradient_norm = torch.tensor(float("inf"))
    assert bookkeeping.last_gradient_norm(session) is None


def test_the_time_left_follows_the_pace_so_far() -> None:
    assert RunCounters().seconds_left(40) is None
    assert RunCounters(step=10, seconds=5.0).seconds_left(40) == 15.0


def test_a_checkpoint_that_was_cut_off_leaves_the_one_before(
    here: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = here()
    run.train(should_stop=after_polls(5))
    session = run.open()
    before = session.progress.step
    session.progress.step += 1

    def no_space(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cnn_tui.data.tensorfile.save_file", no_space)
    with pytest.raises(OSError, match="No space"):
        bookkeeping.keep(session)
    monkeypatch.undo()
    (run.folder / ".last.safetensors.123.tmp").write_bytes(b"what a killed worker leaves")
    assert run.open().progress.step == before
    assert not list(run.folder.glob(".*.tmp"))


@pytest.mark.parametrize("damaged", ["last.safetensors", "optimizer-*.pt"])
def test_a_damaged_checkpoint_is_told(here: MakeRun, damaged: str) -> None:
    run = here()
    run.train(should_stop=after_polls(5))
    (path,) = run.folder.glob(damaged)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(UsageError, match=r"last\.safetensors cannot be read"):
        run.open()


def test_a_checkpoint_can_run_no_code(here: MakeRun) -> None:
    run = here()
    run.train(should_stop=after_polls(5))
    (path,) = run.folder.glob("optimizer-*.pt")
    torch.save({"state": Trap(run.folder / "sprung")}, path)
    with pytest.raises(UsageError, match="cannot be read"):
        run.open()
    assert not (run.folder / "sprung").exists()


class Trap:
    def __init__(self, path: object) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (open, (str(self.path), "w"))


def test_a_run_does_not_go_on_with_other_images(here: MakeRun) -> None:
    run = here()
    run.train(should_stop=after_polls(5))
    run.data = made_up_data(train=48)
    with pytest.raises(UsageError, match="40 training images when this run began and has 48 now"):
        run.open()


@pytest.mark.slow
def test_auxiliary_heads_are_trained_and_survive_a_stop(here: MakeRun) -> None:
    data = made_up_data(train=8, channels=3, size=16)
    short = {"batch_size": 4, "epochs": 1, "lr": 1e-5}  # a step that hardly changes the loss
    runs = [here(name, data, net="googlenet", **short) for name in ("a", "b")]
    fresh = {name: value.clone() for name, value in runs[0].open().net.state_dict().items()}
    runs[0].train()
    runs[1].train(should_stop=after_polls(0))
    runs[1].train()
    trained = last_weights(runs[0])
    assert same(trained, last_weights(runs[1]))
    assert not torch.equal(trained["aux1.fc2.weight"], fresh["aux1.fc2.weight"])
    assert runs[1].events()[-1].state == "finished"
    # Curves show the loss of the logits alone: about ln 2 for two classes, not 1.6 times that.
    assert epochs_of(runs[0])[0].train_loss < 1.3 * math.log(2)


@pytest.mark.slow
@pytest.mark.parametrize("net", names())
def test_every_network_trains(here: MakeRun, net: str) -> None:
    info = net_info(net)
    data = made_up_data(train=4, channels=3, size=16)
    run = here("run", data, net=net, image_size=info.small_image_size, batch_size=2, epochs=1)
    run.train()
    assert run.events()[-1].state == "finished"
    assert epochs_of(run)[0].step == 2
