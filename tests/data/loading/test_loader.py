import pytest
import torch

from cnn_tui.data.dataset import Split, channel_statistics
from cnn_tui.data.loading.loader import Loader
from cnn_tui.data.loading.placement import settle_placement

CPU = torch.device("cpu")


def make_split(n: int = 50, channels: int = 1, size: int = 12) -> Split:
    draws = torch.Generator().manual_seed(3)
    images = torch.randint(0, 256, (n, channels, size, size), dtype=torch.uint8, generator=draws)
    return Split(images, torch.arange(n))


def make_loader(split: Split, **options: object) -> Loader:
    channels = split.images.shape[1]
    settings = {
        "mean": (0.5,) * channels,
        "std": (0.25,) * channels,
        "batch_size": 8,
        "image_size": split.images.shape[-1],
        "device": CPU,
        **options,
    }
    return Loader(split, **settings)


def test_an_epoch_shows_every_image_once_in_an_order_of_its_own() -> None:
    loader = make_loader(make_split())
    first, second = (torch.cat([y for _, y in loader.epoch(0, epoch)]) for epoch in (0, 1))
    assert first.sort().values.tolist() == list(range(50))
    assert not torch.equal(first, second)


def test_an_epoch_can_be_entered_anywhere_with_the_same_bits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cnn_tui.data.loading.loader.BLOCK_BYTES", 4 * 12 * 12 * 8 * 3)
    loader = make_loader(make_split(), augment="crop+flip")
    whole = list(loader.epoch(7, 4))
    assert len(whole) == len(loader) == 7
    for first in range(len(whole)):
        for (x, y), (wanted_x, wanted_y) in zip(
            loader.epoch(7, 4, first), whole[first:], strict=True
        ):
            assert torch.equal(x, wanted_x)
            assert torch.equal(y, wanted_y)


def test_another_seed_draws_another_epoch() -> None:
    loader = make_loader(make_split(), augment="crop")
    (one, _), (other, _) = next(loader.epoch(0, 0)), next(loader.epoch(1, 0))
    assert not torch.equal(one, other)


def test_pixels_are_normalized_by_the_mean_and_std_given() -> None:
    split = make_split(channels=3)
    mean, std = channel_statistics(split.images)
    loader = make_loader(split, mean=mean, std=std, batch_size=50)
    ((x, _),) = loader.in_order()
    assert torch.allclose(x.mean((0, 2, 3)), torch.zeros(3), atol=1e-5)
    assert torch.allclose(x.std((0, 2, 3), correction=0), torch.ones(3), atol=1e-5)


def test_evaluation_is_in_order_and_untouched() -> None:
    split = make_split()
    loader = make_loader(split, augment="crop+flip")
    x, y = (torch.cat(parts) for parts in zip(*loader.in_order(), strict=True))
    assert torch.allclose(x, (split.images.float() / 255 - 0.5) / 0.25, atol=1e-6)
    assert torch.equal(y, split.labels)


def test_a_last_batch_of_one_image_is_left_out() -> None:
    assert len(make_loader(make_split(17))) == 2
    assert len(make_loader(make_split(18))) == 3
    assert len(make_loader(make_split(1))) == 1
    assert sum(len(y) for _, y in make_loader(make_split(17)).epoch(0, 0)) == 16


@pytest.mark.parametrize("limit", [0, 2**30])
def test_images_are_shown_at_the_size_of_the_network(
    limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnn_tui.data.loading.loader.RESIZE_ONCE_BYTES", limit)
    loader = make_loader(make_split(size=8), image_size=28, augment="crop")
    x, _ = next(loader.epoch(0, 0))
    assert x.shape == (8, 1, 28, 28)


def test_resizing_once_or_per_batch_shows_the_same_pictures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    split = make_split(size=8)
    at_once, _ = next(iter(make_loader(split, image_size=28).in_order()))
    monkeypatch.setattr("cnn_tui.data.loading.loader.RESIZE_ONCE_BYTES", 0)
    per_batch, _ = next(iter(make_loader(split, image_size=28).in_order()))
    half_a_gray_level = 0.5 / 255 / 0.25
    assert (at_once - per_batch).abs().max() <= half_a_gray_level + 1e-5


def test_channel_statistics_are_over_all_pixels() -> None:
    images = make_split(30, channels=3).images
    mean, std = channel_statistics(images)
    scaled = images.double() / 255
    assert torch.allclose(torch.tensor(mean).double(), scaled.mean((0, 2, 3)))
    assert torch.allclose(torch.tensor(std).double(), scaled.std((0, 2, 3), correction=0))


def test_a_channel_that_never_varies_does_not_divide_by_zero() -> None:
    assert channel_statistics(torch.zeros(4, 1, 3, 3, dtype=torch.uint8)) == ((0.0,), (1.0,))


def test_cutout_hides_nothing_of_what_the_network_is_judged_on() -> None:
    split = make_split()
    plain, cut = make_loader(split), make_loader(split, cutout=4)
    for (x, _), (other, _) in zip(plain.in_order(), cut.in_order(), strict=True):
        assert torch.equal(x, other)
    (seen, _), (whole, _) = next(cut.epoch(0, 0)), next(plain.epoch(0, 0))
    hidden = seen != whole
    assert hidden.any(dim=(1, 2, 3)).all()
    assert not seen[hidden].any()


def test_images_on_the_host_make_the_same_batches() -> None:
    options = {"augment": "crop+flip", "cutout": 3, "batch_size": 7}
    loaders = [make_loader(make_split(), placement=each, **options) for each in ("device", "host")]
    check_same_batches(*loaders)


@pytest.mark.gpu
def test_images_streamed_to_a_gpu_make_the_same_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnn_tui.data.loading.loader.BLOCK_BYTES", 4 * 12 * 12 * 7 * 2)
    options = {"augment": "crop+flip", "cutout": 3, "batch_size": 7, "device": torch.device("cuda")}
    split = make_split(2000)
    loaders = [make_loader(split, placement=each, **options) for each in ("device", "host")]
    for _ in range(3):
        check_same_batches(*loaders)


def check_same_batches(one: Loader, other: Loader) -> None:
    for batches in (lambda loader: loader.epoch(1, 2, first=3), Loader.in_order):
        for (x, y), (wanted_x, wanted_y) in zip(batches(one), batches(other), strict=True):
            assert torch.equal(x, wanted_x)
            assert torch.equal(y, wanted_y)


@pytest.mark.parametrize("batch_size", [3, 8, 50, 64])
@pytest.mark.parametrize("ranks", [2, 3])
def test_processes_share_every_batch_of_one_alone(
    ranks: int, batch_size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnn_tui.data.loading.loader.BLOCK_BYTES", 4 * 12 * 12 * 8 * 3)
    options = {"augment": "crop+flip", "cutout": 3, "batch_size": batch_size}
    alone = make_loader(make_split(), **options)
    shares = [make_loader(make_split(), rank=i, ranks=ranks, **options) for i in range(ranks)]
    steps = list(zip(*(loader.epoch(5, 1, first=1) for loader in shares), strict=True))
    whole = list(alone.epoch(5, 1, first=1))[: len(steps)]
    assert len(whole) == len(shares[0]) - 1
    for step, (parts, (x, y)) in enumerate(zip(steps, whole, strict=True), start=1):
        assert torch.equal(torch.cat([part for part, _ in parts]), x)
        assert torch.equal(torch.cat([labels for _, labels in parts]), y)
        for loader, (_, labels) in zip(shares, parts, strict=True):
            assert loader.weight(step) == ranks * len(labels) / len(y)
    judged = [y for loader in shares for _, y in loader.in_order()]
    assert torch.cat(judged).tolist() == list(range(50))


def test_a_process_picks_its_part_of_a_block_without_indices_from_the_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, plain = [], torch.arange

    def arange(*ends: int, device: torch.device | None = None) -> torch.Tensor:
        made.append(device)
        return plain(*ends, device=device)

    loader = make_loader(make_split(), rank=1, ranks=2, augment="crop")
    monkeypatch.setattr(torch, "arange", arange)
    for _ in loader.epoch(0, 0):
        pass
    assert made and None not in made


def test_a_last_batch_with_fewer_images_than_processes_is_left_out() -> None:
    assert len(make_loader(make_split(19), rank=0, ranks=4)) == 2
    assert len(make_loader(make_split(20), rank=0, ranks=4)) == 3


def test_images_are_placed_on_the_device_where_half_of_its_free_memory_holds_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (1000, 5000))
    assert settle_placement("auto", 500, "cuda") == "device"
    assert settle_placement("auto", 501, "cuda") == "host"
    assert settle_placement("device", 501, "cuda") == "device"
    assert settle_placement("host", 1, "cuda") == "host"
    assert settle_placement("auto", 10**15, "cpu") == "device"


@pytest.mark.parametrize("first", [0, 3])
def test_working_ahead_gives_the_same_batches(first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnn_tui.data.loading.loader.BLOCK_BYTES", 4 * 12 * 12 * 8)
    split = make_split(50)
    options = {"augment": "crop+flip", "cutout": 2, "batch_size": 4}
    plain = make_loader(split, **options)
    ahead = make_loader(split, works_ahead=True, **options)
    pairs = zip(plain.epoch(7, 2, first), ahead.epoch(7, 2, first), strict=True)
    for (images, labels), (images_ahead, labels_ahead) in pairs:
        assert torch.equal(images, images_ahead)
        assert torch.equal(labels, labels_ahead)
