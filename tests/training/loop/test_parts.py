from collections.abc import Callable

import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from cnn_tui.data.loading.mixing import Mixing, draw_mixing, mixed
from cnn_tui.training.loop import epochs
from cnn_tui.training.loop.averaging import WeightAverage, averaged
from cnn_tui.training.records import Ended
from tests.training.conftest import Here, made_up_data
from tests.training.loop.test_epochs import after_polls, last_weights, same

MakeRun = Callable[..., Here]
PLAIN = {"optimizer": "sgd", "lr": 0.01, "schedule": "constant", "epochs": 2}


def test_parts_take_the_step_of_the_whole_batch(here: MakeRun) -> None:
    # 43 images: batches of 8, and a last one of 3, too few for three parts.
    data = made_up_data(train=43)
    whole = here("whole", data=data, clip_grad=0.5, **PLAIN)
    parts = here("parts", data=data, clip_grad=0.5, accumulate=3, **PLAIN)
    sizes: list[int] = []
    for run in (whole, parts):
        session = run.open()
        hook = session.net.register_forward_pre_hook(
            lambda net, images: sizes.append(len(images[0])) if net.training else None
        )
        epochs.train(session)
        hook.remove()
    assert sizes[12:18] == [3, 3, 2, 3, 3, 2] and sizes[-1] == 3
    one, other = last_weights(whole), last_weights(parts)
    for name in one:
        torch.testing.assert_close(other[name], one[name], rtol=1e-4, atol=1e-6)
    assert [type(each) for each in whole.events()] == [type(each) for each in parts.events()]
    ends = whole.events()[-1], parts.events()[-1]
    assert all(isinstance(each, Ended) for each in ends) and ends[0].step == ends[1].step == 12


@pytest.mark.slow
@pytest.mark.parametrize("net", ["lenet5", "cifar10net"])
def test_goes_on_to_the_same_bits(here: MakeRun, net: str) -> None:
    options = {"net": net, "accumulate": 2, "mixup": 0.4, "ema": 0.9, "augment": "crop"}
    whole, resumed = here("whole", **options), here("resumed", **options)
    whole.train()
    resumed.train(should_stop=after_polls(8))
    resumed.train()
    assert same(last_weights(whole), last_weights(resumed))
    best = [load_file(run.folder / "best.safetensors") for run in (whole, resumed)]
    assert same(*best) and not same(best[0], last_weights(whole))


def test_averages_move_toward_the_weights_and_are_what_is_kept(here: MakeRun) -> None:
    run = here(ema=0.5, judged="last", epochs=1)
    session = run.open()
    begun = {name: value.clone() for name, value in session.net.state_dict().items()}
    seen: list[dict[str, torch.Tensor]] = []
    session.optimizer.register_step_post_hook(
        lambda *_: seen.append({n: v.clone() for n, v in session.net.state_dict().items()})
    )
    epochs.train(session)
    wanted = begun
    for step, weights in enumerate(seen, 1):
        decay = min(0.5, (1 + step) / (10 + step))
        wanted = {n: decay * wanted[n] + (1 - decay) * v for n, v in weights.items()}
    kept = load_file(run.folder / "best.safetensors")
    for name, value in wanted.items():
        torch.testing.assert_close(kept[name], value)
    assert same(last_weights(run), seen[-1])


def test_a_shared_weight_is_averaged_once(here: MakeRun) -> None:
    session = here(ema=0.9).open()
    net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 2))
    net[1].weight = net[0].weight
    session.average = WeightAverage(net, 0.9)
    before = net[0].weight.detach().clone()
    with torch.no_grad():
        net[0].weight.add_(1)
    with averaged(session):
        assert torch.equal(net[0].weight, before)
    assert torch.equal(net[0].weight, before + 1)


def test_mixes_each_image_with_another_and_their_labels_alike() -> None:
    images, labels = torch.rand(3, 1, 2, 2), torch.tensor([0, 2, 1])
    draws = Mixing(torch.tensor([1, 2, 2]), torch.tensor([0.75, 0.5, 0.6]))
    blends, targets = mixed(images, labels, 3, draws)
    torch.testing.assert_close(blends[0], 0.75 * images[0] + 0.25 * images[1])
    torch.testing.assert_close(blends[2], images[2])
    known = torch.tensor([[0.75, 0, 0.25], [0, 0.5, 0.5], [0, 1, 0]])
    torch.testing.assert_close(targets, known)
    logits = torch.randn(3, 3)
    both = labels, labels[draws.others]
    losses = [F.cross_entropy(logits, each, reduction="none") for each in both]
    mean = (draws.parts * losses[0] + (1 - draws.parts) * losses[1]).mean()
    torch.testing.assert_close(F.cross_entropy(logits, targets), mean)


def test_draws_parts_of_the_beta_distribution_by_the_seed_alone() -> None:
    draws, again, other = (draw_mixing(4000, 0.4, seed) for seed in (1, 1, 2))
    assert torch.equal(draws.parts, again.parts) and torch.equal(draws.others, again.others)
    assert not torch.equal(draws.parts, other.parts)
    assert draws.parts.min() >= 0.5 and len(draws.others.unique()) == 4000
    variance = ((draws.parts - 0.5) ** 2).mean().item()  # of Beta(a, a): 1 / (4 (2a + 1))
    assert variance == pytest.approx(1 / (4 * 1.8), rel=0.03)
