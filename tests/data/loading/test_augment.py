"""What is done to whole batches, held against torchvision's transforms image by image.

torchvision takes a second to import: what needs it does so itself, as most workers run none.
"""

from types import ModuleType

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_tui.data.dataset import Split
from cnn_tui.data.loading.augment import Augmentation, Draws, crop, cut_out, draw
from cnn_tui.data.loading.loader import Loader


def made_up_images(n: int, channels: int, side: int, seed: int = 0) -> torch.Tensor:
    chance = torch.Generator().manual_seed(seed)
    shape = (n, channels, side, side)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=chance)


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def transforms() -> ModuleType:
    from torchvision.transforms import functional

    return functional


def cropped_by_torchvision(images: torch.Tensor, padding: int, draws: Draws) -> torch.Tensor:
    tv = transforms()
    side = images.shape[-1]
    results = []
    for index, image in enumerate(images):
        top, left = int(draws.top[index]), int(draws.left[index])
        result = tv.crop(tv.pad(image, [padding]), top, left, side, side)
        flipped = draws.flipped is not None and bool(draws.flipped[index])
        results.append(tv.hflip(result) if flipped else result)
    return torch.stack(results)


def normalized_by_torchvision(
    images: torch.Tensor, mean: list[float], std: list[float]
) -> torch.Tensor:
    tv = transforms()
    pictures = [image.permute(1, 2, 0).numpy() for image in images]
    return torch.stack([tv.normalize(tv.to_tensor(each), mean, std) for each in pictures])


def erased_by_torchvision(images: torch.Tensor, side: int, draws: Draws) -> torch.Tensor:
    tv, size = transforms(), images.shape[-1]
    results = []
    for index, image in enumerate(images):
        top, left = int(draws.hole_top[index]), int(draws.hole_left[index])
        first, last = max(0, top), min(size, top + side)
        start, end = max(0, left), min(size, left + side)
        results.append(tv.erase(image, first, start, last - first, end - start, torch.tensor(0.0)))
    return torch.stack(results)


@settings(max_examples=40, deadline=None)
@given(
    side=st.integers(1, 17),
    channels=st.sampled_from([1, 3]),
    padding=st.integers(1, 5),
    flip=st.booleans(),
    seed=st.integers(0, 2**32),
)
def test_crops_and_flips_are_torchvisions(
    side: int, channels: int, padding: int, flip: bool, seed: int
) -> None:
    images = made_up_images(5, channels, side, seed)
    draws = draw(Augmentation(padding, flip), 5, side, chance(seed))
    expected = cropped_by_torchvision(images, padding, draws)
    assert torch.equal(crop(images, padding, draws), expected)


@settings(max_examples=30, deadline=None)
@given(side=st.integers(2, 16), data=st.data(), seed=st.integers(0, 2**32))
def test_hidden_squares_are_what_torchvision_erases(
    side: int, data: st.DataObject, seed: int
) -> None:
    cutout = data.draw(st.integers(1, side - 1))
    images = made_up_images(4, 3, side, seed).float()
    draws = draw(Augmentation(cutout=cutout), 4, side, chance(seed))
    expected = erased_by_torchvision(images.clone(), cutout, draws)
    assert torch.equal(cut_out(images, cutout, draws), expected)


@settings(max_examples=30, deadline=None)
@given(
    mean=st.lists(st.floats(0, 1, width=32), min_size=3, max_size=3),
    std=st.lists(st.floats(0.0625, 1, width=32), min_size=3, max_size=3),
)
def test_pixels_are_normalized_to_the_bits_of_torchvision(
    mean: list[float], std: list[float]
) -> None:
    every_value = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16).expand(1, 3, 16, 16)
    split = Split(every_value.contiguous(), torch.zeros(1, dtype=torch.int64))
    loader = Loader(
        split, mean=mean, std=std, batch_size=1, image_size=16, device=torch.device("cpu")
    )
    ((x, _),) = loader.in_order()
    assert torch.equal(x, normalized_by_torchvision(split.images, mean, std))


def test_a_loaders_batches_are_torchvisions_for_the_same_draws() -> None:
    images = made_up_images(24, 3, 16)
    mean, std = [0.49, 0.48, 0.45], [0.25, 0.24, 0.26]
    loader = Loader(
        Split(images, torch.arange(24)),
        mean=mean,
        std=std,
        batch_size=8,
        image_size=16,
        device=torch.device("cpu"),
        augment="crop+flip",
        cutout=5,
        memory_format=torch.channels_last,
    )
    seen, labels = (torch.cat(parts) for parts in zip(*loader.epoch(3, 0), strict=True))
    draws = loader.draws(3, 0, 0)
    shown = normalized_by_torchvision(cropped_by_torchvision(images[labels], 2, draws), mean, std)
    assert torch.equal(seen, erased_by_torchvision(shown, 5, draws))


def test_draws_are_spread_over_all_that_is_possible() -> None:
    draws = draw(Augmentation(padding=2, flip=True, cutout=3), 400, 8, chance())
    assert set(draws.top.tolist()) == set(draws.left.tolist()) == set(range(5))
    assert 150 < int(draws.flipped.sum()) < 250
    assert set(draws.hole_top.tolist()) == set(draws.hole_left.tolist()) == set(range(-1, 7))


def test_nothing_is_drawn_for_what_is_not_done() -> None:
    assert draw(Augmentation(), 4, 8, chance()) == Draws()
    assert draw(Augmentation(padding=1), 4, 8, chance()).flipped is None


def test_some_of_the_images_keep_their_own_draws() -> None:
    images = made_up_images(6, 3, 8).float()
    augmentation = Augmentation(padding=1, flip=True, cutout=3)
    draws, some = draw(augmentation, 6, 8, chance()), torch.tensor([4, 1])
    whole = cut_out(crop(images, 1, draws), 3, draws)
    part = cut_out(crop(images[some], 1, draws.of(some)), 3, draws.of(some))
    assert torch.equal(part, whole[some])
