"""Published accuracies: those of torchvision's weights, for networks that are the very same."""

import re

from cnn_tui.nets.accuracy import about_accuracy, top1_text
from cnn_tui.nets.catalogue import all_nets, net_info, timeline

WORD = re.compile(r"\w+")


def test_publishes_what_torchvision_does_of_the_very_same_networks() -> None:
    from torchvision import models

    for net in all_nets():
        if net.name not in models.list_models():
            assert net.accuracy is None, net.name
            continue
        weights = models.get_model_weights(net.name)["IMAGENET1K_V1"]
        if weights.meta["num_params"] != net.parameters:
            assert (net.name, net.accuracy) == ("alexnet", None)
            continue
        kept = net.accuracy
        assert kept is not None, net.name
        assert kept.top1_percent == weights.meta["_metrics"]["ImageNet-1K"]["acc@1"]
        assert kept.crop == weights.transforms.keywords["crop_size"]
        assert (kept.weights, kept.recipe_url) == (weights.name, weights.meta["recipe"])
        told = weights.meta["_docs"].casefold()
        assert set(WORD.findall(kept.recipe.casefold())) <= set(WORD.findall(told)), net.name


def test_names_the_recipe_of_each_family_and_the_crop_that_differs() -> None:
    told = about_accuracy(all_nets())
    assert "ResNet: simple training recipe; DenseNet: ported from LuaTorch" in told
    assert told.endswith("EfficientNet-B2 was measured on 288 pixels, not 260.")
    assert "VGG" not in about_accuracy([net_info("resnet18"), net_info("lenet5")])
    assert about_accuracy([net_info("lenet5")]) == ""


def test_writes_a_dash_where_nothing_is_published() -> None:
    assert {net.name: top1_text(net) for net in timeline()} == {
        "lenet5": "–",
        "alexnet": "–",
        "vgg16": "71.6",
        "googlenet": "69.8",
        "resnet50": "76.1",
        "densenet121": "74.4",
        "efficientnet_b0": "77.7",
        "vit_b_16": "81.1",
    }
