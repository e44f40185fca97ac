import pytest
import torch

from cnn_tui.data.dataset import Split
from cnn_tui.data.loader import Loader, cut_out, random_crop
from cnn_tui.data.statistics import channel_statistics

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
    monkeypatch.setattr("cnn_tui.data.loader.BLOCK_BYTES", 4 * 12 * 12 * 8 * 3)
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


def test_pixels_are_normalised_by_the_mean_and_std_given() -> None:
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
    monkeypatch.setattr("cnn_tui.data.loader.RESIZE_ONCE_BYTES", limit)
    loader = make_loader(make_split(size=8), image_size=28, augment="crop")
    x, _ = next(loader.epoch(0, 0))
    assert x.shape == (8, 1, 28, 28)


def test_resizing_once_or_per_batch_shows_the_same_pictures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    split = make_split(size=8)
    at_once, _ = next(iter(make_loader(split, image_size=28).in_order()))
    monkeypatch.setattr("cnn_tui.data.loader.RESIZE_ONCE_BYTES", 0)
    per_batch, _ = next(iter(make_loader(split, image_size=28).in_order()))
    half_a_grey_level = 0.5 / 255 / 0.25
    assert (at_once - per_batch).abs().max() <= half_a_grey_level + 1e-5


def test_a_crop_is_a_window_of_the_padded_picture_and_maybe_mirrored() -> None:
    images = make_split(40, channels=3, size=6).images
    cropped = random_crop(images, 2, torch.Generator().manual_seed(0), flip=True)
    padded = torch.nn.functional.pad(images, (2, 2, 2, 2))
    mirrored = 0
    seen = set()
    for image, result in zip(padded, cropped, strict=True):
        windows = {
            (dy, dx, flip): window.flip(2) if flip else window
            for dy in range(5)
            for dx in range(5)
            for flip in (False, True)
            for window in [image[:, dy : dy + 6, dx : dx + 6]]
        }
        (found,) = [key for key, window in windows.items() if torch.equal(window, result)]
        mirrored += found[2]
        seen.add(found[:2])
    assert 8 < mirrored < 32
    assert len(seen) > 12


def test_a_crop_without_flip_mirrors_nothing() -> None:
    images = torch.zeros(64, 1, 5, 5, dtype=torch.uint8)
    images[:, :, :, 0] = 255
    cropped = random_crop(images, 1, torch.Generator().manual_seed(0), flip=False)
    assert int(cropped[:, :, :, 2:].max()) == 0


def test_channel_statistics_are_over_all_pixels() -> None:
    images = make_split(30, channels=3).images
    mean, std = channel_statistics(images)
    scaled = images.double() / 255
    assert torch.allclose(torch.tensor(mean).double(), scaled.mean((0, 2, 3)))
    assert torch.allclose(torch.tensor(std).double(), scaled.std((0, 2, 3), correction=0))


def test_a_channel_that_never_varies_does_not_divide_by_zero() -> None:
    assert channel_statistics(torch.zeros(4, 1, 3, 3, dtype=torch.uint8)) == ((0.0,), (1.0,))


def test_cutout_hides_one_square_that_may_reach_over_the_edge() -> None:
    hidden = cut_out(torch.ones(200, 3, 8, 8), 3, torch.Generator().manual_seed(0)) == 0
    assert torch.equal(hidden[:, 0], hidden[:, 2])
    sizes = set()
    for mask in hidden[:, 0]:
        rows, columns = mask.any(1).nonzero().flatten(), mask.any(0).nonzero().flatten()
        assert mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
        assert int(mask.sum()) == len(rows) * len(columns)
        sizes.add((len(rows), len(columns)))
    assert sizes == {(rows, columns) for rows in (2, 3) for columns in (2, 3)}


def test_cutout_hides_nothing_of_what_the_network_is_judged_on() -> None:
    split = make_split()
    plain, cut = make_loader(split), make_loader(split, cutout=4)
    for (x, _), (other, _) in zip(plain.in_order(), cut.in_order(), strict=True):
        assert torch.equal(x, other)
    (seen, _), (whole, _) = next(cut.epoch(0, 0)), next(plain.epoch(0, 0))
    hidden = seen != whole
    assert hidden.any(dim=(1, 2, 3)).all()
    assert not seen[hidden].any()
