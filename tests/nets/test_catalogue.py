"""Names, specifications and the evolution that the catalogue tells."""

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.nets.catalogue import (
    NETS,
    families,
    nearest_image_size,
    net_info,
    parse_net,
    specification,
    timeline,
)

WIDEST_LINE = 80


@pytest.mark.parametrize("spelling", ["VGG16", "vgg-16", " Vgg_16 ", "vgg16,batch_norm=true"])
def test_reads_a_name_in_any_spelling(spelling: str) -> None:
    assert net_info(spelling).name == "vgg16"


def test_suggests_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="did you mean vgg16"):
        net_info("vgg61")


@pytest.mark.parametrize(
    ("spec", "options"),
    [
        ("vgg16", {}),
        ("vgg16,batch_norm=true", {"batch_norm": True}),
        ("VGG-16, Batch-Norm = No", {"batch_norm": False}),
        ("resnet18,stem=CIFAR", {"stem": "cifar"}),
        ("vit_b_16,patch_size=8", {"patch_size": 8}),
        ("dropoutcnn,p=0.3", {"p": 0.3}),
    ],
)
def test_reads_the_options_of_a_specification(spec: str, options: dict[str, object]) -> None:
    info, read = parse_net(spec)
    assert read == options
    assert [type(value) for value in read.values()] == [type(value) for value in options.values()]
    assert parse_net(specification(info, read)) == (info, options)


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("", "no network named ''"),
        ("vgg16,", "write vgg16,option=value, with batch_norm \\(true or false\\)"),
        ("vgg16,batch_norm", "'batch_norm' sets no option of VGG-16"),
        ("densenet121,x", "but it has none"),
        ("densenet121,x=1", "DenseNet-121 has no options"),
        ("vgg16,batchnorn=true", "no option of VGG-16 named 'batchnorn': did you mean batch_norm"),
        ("vgg16,batch_norm=maybe", "must be true or false, not 'maybe'"),
        ("vgg16,batch_norm=true,batch_norm=false", "batch_norm is given twice"),
        ("resnet18,stem=tiny", "must be auto or imagenet or cifar, not 'tiny'"),
        ("vit_b_16,patch_size=4.5", "must be a whole number from 1 to 1024, not '4.5'"),
        ("vit_b_16,patch_size=0", "must be a whole number from 1 to 1024, not '0'"),
        ("dropoutcnn,p=nan", "must be a number from 0 to 0.95, not 'nan'"),
        ("dropoutcnn,p=1", "must be a number from 0 to 0.95, not '1'"),
    ],
)
def test_answers_a_wrong_specification_with_a_sentence(spec: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        parse_net(spec)


def test_enlarges_a_size_to_the_next_one_that_works() -> None:
    vit, lenet5 = net_info("vit_b_16"), net_info("lenet5")
    assert nearest_image_size(vit, {}, 28) == 32
    assert nearest_image_size(vit, {"patch_size": 7}, 28) == 28
    assert nearest_image_size(vit, {}, 1) == 16
    assert nearest_image_size(lenet5, {}, 8) == 16
    assert nearest_image_size(lenet5, {}, 33) == 33


def test_tells_the_evolution_from_lenet5_to_vit() -> None:
    assert [(net.family, net.year) for net in timeline()] == [
        ("LeNet", 1998),
        ("AlexNet", 2012),
        ("VGG", 2014),
        ("GoogLeNet", 2014),
        ("ResNet", 2015),
        ("DenseNet", 2017),
        ("EfficientNet", 2019),
        ("ViT", 2020),
    ]


def test_lists_the_nets_oldest_first() -> None:
    years = [net.year for net in NETS]
    assert years == sorted(years)
    assert {net.family for net in timeline()} == set(families()) - {"CIFAR-10"}


@pytest.mark.parametrize("net", NETS, ids=lambda net: net.name)
def test_says_of_each_net_what_it_changed_and_when_to_use_it(net) -> None:
    for line in (net.idea, net.changed):
        assert line.endswith(".")
        assert 20 < len(line) <= WIDEST_LINE
    assert 0 < len(net.use_when) <= WIDEST_LINE // 2
    assert net.small_image_size >= net.min_image_size
    assert all(option.help for option in net.options)
