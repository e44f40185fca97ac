import torch

from cnn_tui.data import shipped_digits
from cnn_tui.data.catalogue import data_info, parse
from cnn_tui.data.preparation import digits, prepare


def test_digits_are_the_1797_of_the_uci_copy() -> None:
    images, labels = digits.load()
    assert images.shape == (1797, 1, 8, 8)
    assert images.dtype == torch.uint8
    assert (int(images.min()), int(images.max())) == (0, 255)
    assert labels[:10].tolist() == list(range(10))
    assert labels.bincount().tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_the_splits_of_digits_never_change_and_never_overlap(tmp_path: object) -> None:
    first = prepare.load(parse("digits"), tmp_path)
    second = prepare.load(parse("digits"), tmp_path)
    assert torch.equal(first.test.images, second.test.images)
    parts = (first.train, first.val, first.test)
    assert [len(part) for part in parts] == [1294, 144, 359]
    rows = torch.cat([part.images.flatten(1) for part in parts])
    originals, _ = digits.load()
    assert sorted(map(bytes, rows.numpy())) == sorted(map(bytes, originals.flatten(1).numpy()))


def test_every_split_of_digits_holds_every_digit_alike(tmp_path: object) -> None:
    data = prepare.load(parse("digits"), tmp_path)
    for part in (data.train, data.val, data.test):
        counts = part.labels.bincount(minlength=10)
        assert int(counts.max() - counts.min()) <= 0.06 * len(part) + 1


def test_the_catalogue_tells_the_sizes_of_digits(tmp_path: object) -> None:
    info = data_info(parse("digits"))
    data = prepare.load(parse("digits"), tmp_path)
    assert info.train_size == len(data.train) + len(data.val)
    assert info.test_size == len(data.test)
    assert (info.in_channels, info.image_size) == (data.in_channels, data.image_size)
    assert info.classes == data.classes


def test_reads_the_same_test_images_without_torch() -> None:
    test = digits.prepared().test
    assert list(shipped_digits.order_of_test()) == digits.order_of_test()
    for index in (0, 30, len(test) - 1):
        pixels, label = shipped_digits.digit(index)
        assert [list(row) for row in pixels] == test.images[index, 0].tolist()
        assert label == str(int(test.labels[index]))
