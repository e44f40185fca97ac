"""Names, specifications and the evolution that the catalogue tells."""

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.nets.catalogue import all_nets, families, net_info, timeline
from cnn_tui.render.networks.head import net_title

WIDEST_LINE = 80


def test_suggests_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="did you mean vgg16"):
        net_info("vgg61")


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
    years = [net.year for net in all_nets() if net.year is not None]
    assert years == sorted(years)
    milestones = [net.family for net in timeline()]
    assert len(milestones) == len(set(milestones))
    assert set(milestones) <= set(families())


def test_gives_no_year_to_networks_that_no_paper_describes() -> None:
    made_here = [net for net in all_nets() if net.year is None]
    assert [net.name for net in made_here] == [
        "vggcifar",
        "dropoutcnn",
        "simpleresnet",
        "cifar10net",
    ]
    assert all(net.paper.startswith("after ") for net in made_here)
    assert all(not net.is_milestone and net_title(net) == net.title for net in made_here)


def test_lists_a_network_without_a_year_with_its_family() -> None:
    listed = [net.name for net in all_nets()]
    assert listed.index("vggcifar") == listed.index("vgg19") + 1
    assert listed.index("simpleresnet") == listed.index("resnet50") + 1


@pytest.mark.parametrize("net", all_nets(), ids=lambda net: net.name)
def test_says_of_each_net_what_it_changed_and_when_to_use_it(net) -> None:
    for line in (net.idea, net.changed):
        assert line.endswith(".")
        assert 20 < len(line) <= WIDEST_LINE
    assert 0 < len(net.use_when) <= WIDEST_LINE // 2
    assert net.small_image_size >= net.min_image_size
    assert all(option.help for option in net.options)
