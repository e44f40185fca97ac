"""Fewer images and wrong labels, where a run asks for them."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cnn_tui.data.dataset import Split, first_images, with_wrong_labels
from cnn_tui.data.preparation import digits


def split(n: int, classes: int = 10) -> Split:
    return Split(torch.arange(n).view(n, 1, 1, 1), torch.arange(n) % classes)


@given(st.integers(1, 300), st.floats(0, 0.9), st.integers(2, 12), st.integers(0, 2**63 - 1))
def test_makes_exactly_the_asked_part_of_the_labels_wrong(n, fraction, classes, seed) -> None:
    right = split(n, classes)
    noisy = with_wrong_labels(right, fraction, classes, seed)
    assert int((noisy.labels != right.labels).sum()) == round(fraction * n)
    assert int(noisy.labels.min()) >= 0 and int(noisy.labels.max()) < classes
    assert torch.equal(right.labels, torch.arange(n) % classes)
    assert noisy.images is right.images


def test_draws_the_same_wrong_labels_for_the_same_seed() -> None:
    first, again, other = (with_wrong_labels(split(100), 0.3, 10, seed) for seed in (1, 1, 2))
    assert torch.equal(first.labels, again.labels)
    assert not torch.equal(first.labels, other.labels)


def test_takes_a_wrong_label_from_all_other_classes_alike() -> None:
    right = Split(torch.zeros(9_000, 1, 1, 1), torch.zeros(9_000, dtype=torch.int64))
    counts = with_wrong_labels(right, 0.9, 10, 0).labels.bincount(minlength=10)
    assert counts[0] == 900
    assert counts[1:].min() > 800


@pytest.mark.parametrize(("most", "left"), [(None, 30), (7, 7), (30, 30), (1_000, 30)])
def test_takes_at_most_the_asked_number_of_images(most, left) -> None:
    assert len(first_images(split(30), most)) == left


def test_takes_images_of_all_classes_alike() -> None:
    train = digits.prepared().train
    counts = first_images(train, 500).labels.bincount()
    assert counts.min() >= 45 and counts.max() <= 55
