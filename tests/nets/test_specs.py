"""What a user writes to name a network, and what it is parsed to, once."""

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.nets.specs import (
    NetSpec,
    nearest_image_size,
    parse,
    refuse_image_size,
    with_options,
    words,
)


@pytest.mark.parametrize("spelling", ["VGG16", "vgg-16", " Vgg_16 ", "vgg16,batch_norm=true"])
def test_reads_a_name_in_any_spelling(spelling: str) -> None:
    assert parse(spelling).info.name == parse(spelling).name == "vgg16"


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("vgg16", {}),
        ("vgg16,batch_norm=true", {"batch_norm": True}),
        ("VGG-16, Batch-Norm = No", {"batch_norm": False}),
        ("resnet18,stem=CIFAR", {"stem": "cifar"}),
        ("vit_b_16,patch_size=8", {"patch_size": 8}),
        ("dropoutcnn,p=0.3", {"p": 0.3}),
    ],
)
def test_reads_the_options_of_a_specification(text: str, options: dict[str, object]) -> None:
    spec = parse(text)
    assert spec.given == options
    assert list(map(type, spec.given.values())) == list(map(type, options.values()))
    assert parse(str(spec)) == spec
    assert spec.settings == {**spec.info.defaults, **options}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no network named ''"),
        ("vgg16,", "write vgg16,option=value, with batch_norm \\(true or false\\)"),
        ("vgg16,batch_norm", "'batch_norm' sets no option of VGG-16"),
        ("densenet121,x", "but it has none"),
        ("densenet121,x=1", "DenseNet-121 has no options"),
        ("vgg16,batchnorn=true", "no option of VGG-16 named 'batchnorn': did you mean batch_norm"),
        ("vgg16,batch_norm=maybe", "must be true or false, not 'maybe'"),
        ("vgg16,batch_norm=true,batch_norm=false", "batch_norm is given twice"),
        ("resnet18,stem=tiny", "no stem of ResNet-18 named 'tiny'.* auto, imagenet or cifar"),
        ("vit_b_16,patch_size=4.5", "must be a whole number from 1 to 1,024, not '4.5'"),
        ("vit_b_16,patch_size=0", "must be a whole number from 1 to 1,024, not '0'"),
        ("dropoutcnn,p=nan", "must be a number from 0 to 0.95, not 'nan'"),
        ("dropoutcnn,p=1", "must be a number from 0 to 0.95, not '1'"),
        ("net.py:Net,w", "'w' sets no option of Net in net.py: write net.py:Net,option=value"),
        ("net.py:Net,w=1,w=2", "w is given twice"),
    ],
)
def test_answers_a_wrong_specification_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        parse(text)


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("net.py", NetSpec("", place="net.py")),
        ("folder/net.py:Net", NetSpec("Net", place="folder/net.py")),
        ("net.py:", NetSpec("", place="net.py")),
        ("C:\\net.py", NetSpec("", place="C:\\net.py")),
        ("torchvision.models:resnet18", NetSpec("resnet18", place="torchvision.models")),
        ("a,b.py:Net,w=3, s = x:y", NetSpec("Net", (("w", "3"), ("s", " x:y")), "a,b.py")),
        ("my.nets:Net,file=x.py", NetSpec("Net", (("file", "x.py"),), "my.nets")),
    ],
)
def test_tells_a_network_of_the_users_own_from_one_of_the_catalogue(
    text: str, spec: NetSpec
) -> None:
    assert parse(text) == spec
    assert spec.is_own
    assert parse(str(spec)) == spec
    assert not parse("vgg16,batch_norm=true").is_own
    with pytest.raises(UsageError, match="a network of your own"):
        _ = spec.info


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("nets/my_net.py:Net,width=3", ("my_net", "width=3")),
        ("exercises/exercise5.py:vgg_style", ("vgg_style",)),
        ("über net.py", ("ber-net",)),
        ("my.nets:make", ("nets",)),
        ("vgg16,batch_norm=true", ("vgg16", "batch_norm=true")),
        ("gone", ("gone",)),
    ],
)
def test_calls_a_network_by_one_word(text: str, shown: tuple[str, ...]) -> None:
    assert words(text) == shown


def test_knows_whether_a_network_normalizes_its_batches() -> None:
    without = ("lenet5", "alexnet", "vgg11", "vgg19", "vggcifar", "dropoutcnn", "vit_b_16")
    assert not any(parse(name).has_batch_norm for name in without)
    assert all(parse(name).has_batch_norm for name in ("resnet18", "googlenet", "cifar10net"))
    assert parse("lenet5,batch_norm=true").has_batch_norm
    assert not parse("simpleresnet,batch_norm=false").has_batch_norm
    assert parse("vgg16,batch_norm=true").has_batch_norm
    assert not parse("cifar10net,batch_norm=false").has_batch_norm


def test_enlarges_a_size_to_the_next_one_that_works() -> None:
    vit, lenet5 = parse("vit_b_16"), parse("lenet5")
    assert nearest_image_size(vit, 28) == 32
    assert nearest_image_size(with_options(vit.info, {"patch_size": 7}), 28) == 28
    assert nearest_image_size(vit, 1) == 16
    assert nearest_image_size(lenet5, 8) == 16
    assert nearest_image_size(lenet5, 33) == 33


@pytest.mark.parametrize(
    ("text", "size", "sentence"),
    [
        ("vgg16", 31, "VGG-16 cannot take 31×31 .* smallest size that works is 32"),
        ("vit_b_16", 40, "nearest sizes that work are 32 and 48"),
        ("vit_b_16,patch_size=7", 40, "nearest sizes that work are 35 and 42"),
    ],
)
def test_refuses_an_image_size_and_names_one_that_works(
    text: str, size: int, sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        refuse_image_size(parse(text), size)
