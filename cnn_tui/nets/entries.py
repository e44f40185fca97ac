"""The catalogue's entries, oldest first; torch-free.

Sizes are those of the paper or, for the small networks, of CIFAR-10; parameters
and multiply-accumulates were counted by building each network.
"""

from dataclasses import replace

from cnn_tui.nets.accuracy import ACCURACY
from cnn_tui.nets.records import NetInfo
from cnn_tui.options import Option

BATCH_NORM = Option("batch_norm", "bool", default=False, help="batch norm after every convolution")
WIDTH = Option(
    "width", "int", default=64, low=1, high=1024, help="channels of the first convolution"
)
STEM = Option(
    "stem",
    "str",
    default="auto",
    choices=("auto", "imagenet", "cifar"),
    help="7×7 with max pooling, or 3×3 for images smaller than 64 pixels",
)

LENET5 = NetInfo(
    name="lenet5",
    title="LeNet-5",
    year=1998,
    authors="LeCun, Bottou, Bengio, Haffner",
    paper="Gradient-Based Learning Applied to Document Recognition",
    family="LeNet",
    idea="Learn the filters: convolution, pooling, then fully connected layers.",
    changed="Hand-made features gave way to filters learned from the pixels.",
    use_when="digits, learning, a first test",
    in_channels=1,
    image_size=28,
    min_image_size=16,
    small_image_size=28,
    num_classes=10,
    parameters=44_426,
    macs=281_640,
    build="cnn_tui.nets.lenet5:LeNet5",
    is_milestone=True,
    # In 5 epochs: 0 of 40 seeds below 97 % on the test images; without the
    # smoothing it was 2 of 30, and more with larger batches.
    digits_recipe={"batch_size": 8, "lr": 6e-3, "label_smoothing": 0.1},
    options=(
        Option(
            "activation",
            "str",
            default="relu",
            choices=("relu", "tanh"),
            help="relu as it is taught today, or tanh as in 1998",
        ),
        BATCH_NORM,
    ),
)

ALEXNET = NetInfo(
    name="alexnet",
    title="AlexNet",
    year=2012,
    authors="Krizhevsky, Sutskever, Hinton",
    paper="ImageNet Classification with Deep Convolutional Neural Networks",
    family="AlexNet",
    idea="Go big on GPUs: ReLU, dropout, augmentation, 62 million parameters.",
    changed="Learned filters won on large photographs, trained on GPUs.",
    use_when="history: the net that began it all",
    in_channels=3,
    image_size=224,
    min_image_size=63,
    small_image_size=63,
    num_classes=1000,
    parameters=62_378_344,
    macs=1_135_256_096,
    build="cnn_tui.nets.alexnet:AlexNet",
    is_milestone=True,
    has_dropout=True,
    needs_small_lr=True,
    options=(
        Option(
            "lrn",
            "bool",
            default=False,
            help="the paper's local response normalization",
        ),
    ),
)

VGG16 = NetInfo(
    name="vgg16",
    title="VGG-16",
    year=2014,
    authors="Simonyan, Zisserman",
    paper="Very Deep Convolutional Networks for Large-Scale Image Recognition",
    family="VGG",
    idea="Only 3×3 filters, stacked: a large view from small, cheap steps.",
    changed="One filter size and one rule for the channels, twice as deep.",
    use_when="simple features to reuse, teaching",
    in_channels=3,
    image_size=224,
    min_image_size=32,
    small_image_size=32,
    num_classes=1000,
    parameters=138_357_544,
    macs=15_470_264_320,
    build="cnn_tui.nets.vgg:vgg16",
    is_milestone=True,
    has_dropout=True,
    needs_small_lr=True,
    options=(BATCH_NORM,),
)

VGG = (
    replace(
        VGG16,
        name="vgg11",
        title="VGG-11",
        use_when="VGG on a smaller budget",
        parameters=132_863_336,
        macs=7_609_090_048,
        build="cnn_tui.nets.vgg:vgg11",
        is_milestone=False,
    ),
    replace(
        VGG16,
        name="vgg13",
        title="VGG-13",
        use_when="a step between VGG-11 and VGG-16",
        parameters=133_047_848,
        macs=11_308_466_176,
        build="cnn_tui.nets.vgg:vgg13",
        is_milestone=False,
    ),
    VGG16,
    replace(
        VGG16,
        name="vgg19",
        title="VGG-19",
        use_when="style transfer, which grew up with it",
        parameters=143_667_240,
        macs=19_632_062_464,
        build="cnn_tui.nets.vgg:vgg19",
        is_milestone=False,
    ),
    replace(
        VGG16,
        name="vggcifar",
        title="VGG-style (CIFAR)",
        year=None,
        authors="after Simonyan, Zisserman",
        paper=f"after {VGG16.paper}",
        idea="VGG's stacks at the size of CIFAR-10: three blocks, small layers on top.",
        use_when="VGG's idea on 32×32 images",
        image_size=32,
        min_image_size=8,
        small_image_size=16,
        num_classes=10,
        parameters=3_510_858,
        macs=155_128_832,
        build="cnn_tui.nets.vgg:vggcifar",
        is_milestone=False,
        needs_small_lr=False,
        options=(BATCH_NORM, WIDTH),
    ),
)

GOOGLENET = NetInfo(
    name="googlenet",
    title="GoogLeNet",
    year=2014,
    authors="Szegedy, Liu, Jia and others",
    paper="Going Deeper with Convolutions",
    family="GoogLeNet",
    idea="Filters of several sizes side by side, made cheap by 1×1 convolutions.",
    changed="22 layers with a twentieth of VGG's weights; average pooling ends it.",
    use_when="history; better ones exist",
    in_channels=3,
    image_size=224,
    min_image_size=15,
    small_image_size=32,
    num_classes=1000,
    parameters=6_624_904,
    macs=1_498_376_192,
    build="cnn_tui.nets.torchvision_nets:googlenet",
    source="torchvision.models.googlenet",
    is_milestone=True,
    has_dropout=True,
    has_batch_norm=True,
    in_training={"aux_logits": True},
    options=(
        Option(
            "aux_logits",
            "bool",
            default=False,
            help="two more classifiers halfway, which only help to train",
        ),
    ),
)

DROPOUT_CNN = NetInfo(
    name="dropoutcnn",
    title="CNNWithDropout",
    year=None,
    authors="after Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov",
    paper="after Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
    family="CIFAR-10",
    idea="Drop fully connected units at random while training, so that none is relied on.",
    changed="Overfitting is fought inside the net, where nearly all its weights are.",
    use_when="watching dropout at work",
    in_channels=3,
    image_size=32,
    min_image_size=4,
    small_image_size=16,
    num_classes=10,
    parameters=4_404_362,
    macs=24_971_776,
    build="cnn_tui.nets.dropout_cnn:CNNWithDropout",
    has_dropout=True,
    options=(
        Option(
            "p",
            "float",
            default=0.5,
            low=0,
            high=0.95,
            help="the part of the units that is dropped in training",
        ),
        WIDTH,
    ),
)

RESNET18 = NetInfo(
    name="resnet18",
    title="ResNet-18",
    year=2015,
    authors="He, Zhang, Ren, Sun",
    paper="Deep Residual Learning for Image Recognition",
    family="ResNet",
    idea="Add the input back: a block learns only what to change.",
    changed="Depth helps again: a block can simply pass its input on.",
    use_when="the first thing to try",
    in_channels=3,
    image_size=224,
    min_image_size=1,
    small_image_size=16,
    num_classes=1000,
    parameters=11_689_512,
    macs=1_814_073_344,
    build="cnn_tui.nets.resnet:resnet18",
    has_batch_norm=True,
    options=(STEM,),
)

RESNET = (
    RESNET18,
    replace(
        RESNET18,
        name="resnet34",
        title="ResNet-34",
        use_when="more accuracy from plain blocks",
        parameters=21_797_672,
        macs=3_663_761_408,
        build="cnn_tui.nets.resnet:resnet34",
    ),
    replace(
        RESNET18,
        name="resnet50",
        title="ResNet-50",
        idea="Residual blocks with a bottleneck: 1×1 convolutions around a thin 3×3.",
        use_when="the standard choice",
        parameters=25_557_032,
        macs=4_089_184_256,
        build="cnn_tui.nets.resnet:resnet50",
        is_milestone=True,
    ),
    replace(
        RESNET18,
        name="simpleresnet",
        title="SimpleResNet",
        year=None,
        authors="after He, Zhang, Ren, Sun",
        paper=f"after {RESNET18.paper}",
        use_when="residual blocks on 32×32 images",
        image_size=32,
        num_classes=10,
        parameters=2_777_674,
        macs=421_202_432,
        build="cnn_tui.nets.simple_resnet:SimpleResNet",
        fast_recipe={},
        options=(
            WIDTH,
            Option(
                "blocks", "int", default=2, low=1, high=100, help="blocks in each of three stages"
            ),
            Option("skip", "bool", default=True, help="the input added back, or plain blocks"),
            replace(BATCH_NORM, default=True),
        ),
    ),
)

CIFAR10NET = NetInfo(
    name="cifar10net",
    title="CIFAR10Net",
    year=None,
    authors="the chapter's own",
    paper="after VGG (2014), batch norm (2015) and global average pooling (2013)",
    family="CIFAR-10",
    idea="The modern recipe in six convolutions: Conv → BN → ReLU, then GAP.",
    changed="Batch norm everywhere, and one small layer on top in place of three.",
    use_when="32×32 images, a good start of your own",
    in_channels=3,
    image_size=32,
    min_image_size=8,
    small_image_size=16,
    num_classes=10,
    parameters=4_507_722,
    macs=133_895_168,
    build="cnn_tui.nets.cifar10net:CIFAR10Net",
    has_dropout=True,
    has_batch_norm=True,
    fast_recipe={"dropout": 0.2},
    options=(WIDTH, replace(BATCH_NORM, default=True)),
)

DENSENET121 = NetInfo(
    name="densenet121",
    title="DenseNet-121",
    year=2017,
    authors="Huang, Liu, van der Maaten, Weinberger",
    paper="Densely Connected Convolutional Networks",
    family="DenseNet",
    idea="Every layer of a block reads all maps made before it and adds a few.",
    changed="Maps are kept side by side and used again, not added up.",
    use_when="few parameters, memory enough",
    in_channels=3,
    image_size=224,
    min_image_size=29,
    small_image_size=32,
    num_classes=1000,
    parameters=7_978_856,
    macs=2_834_161_664,
    build="cnn_tui.nets.torchvision_nets:densenet121",
    source="torchvision.models.densenet",
    is_milestone=True,
    has_batch_norm=True,
)

EFFICIENTNET_B0 = NetInfo(
    name="efficientnet_b0",
    title="EfficientNet-B0",
    year=2019,
    authors="Tan, Le",
    paper="EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
    family="EfficientNet",
    idea="Scale depth, width and resolution together, by one exponent.",
    changed="Size became one number; a tenth of ResNet-50's multiplications.",
    use_when="phones, tight budgets",
    in_channels=3,
    image_size=224,
    min_image_size=1,
    small_image_size=32,
    num_classes=1000,
    parameters=5_288_548,
    macs=385_814_752,
    build="cnn_tui.nets.torchvision_nets:efficientnet",
    source="torchvision.models.efficientnet",
    is_milestone=True,
    has_dropout=True,
    has_batch_norm=True,
    fixed={"scale": 0},
)

EFFICIENTNET = (
    EFFICIENTNET_B0,
    *(
        replace(
            EFFICIENTNET_B0,
            name=f"efficientnet_b{scale}",
            title=f"EfficientNet-B{scale}",
            use_when=use_when,
            image_size=image_size,
            parameters=parameters,
            macs=macs,
            fixed={"scale": scale},
            is_milestone=False,
        )
        for scale, use_when, image_size, parameters, macs in (
            (1, "a little more than B0 can do", 240, 7_794_184, 686_802_832),
            (2, "beats ResNet-50, a quarter the cost", 260, 9_109_994, 993_561_872),
            (3, "a desktop machine", 300, 12_233_232, 1_827_141_392),
            (4, "ResNet-50's cost, better accuracy", 380, 19_341_616, 4_393_771_024),
            (5, "large images, a good graphics card", 456, 30_389_784, 10_266_384_752),
            (6, "between B5 and B7", 528, 43_040_704, 19_067_593_536),
            (7, "accuracy before everything else", 600, 66_347_960, 37_745_884_192),
        )
    ),
)

VIT_B_16 = NetInfo(
    name="vit_b_16",
    title="ViT-B/16",
    year=2020,
    authors="Dosovitskiy, Beyer, Kolesnikov and others",
    paper="An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
    family="ViT",
    idea="Cut the image into patches and let every patch attend to every other.",
    changed="Attention in place of stacked convolutions; it needs very much data.",
    use_when="very much data, or pre-trained",
    in_channels=3,
    image_size=224,
    min_image_size=16,
    small_image_size=32,
    num_classes=1000,
    parameters=86_567_656,
    macs=17_563_828_224,
    build="cnn_tui.nets.torchvision_nets:vit_b_16",
    source="torchvision.models.vision_transformer",
    is_milestone=True,
    has_dropout=True,
    needs_small_lr=True,
    multiple_of="patch_size",
    options=(
        Option(
            "patch_size",
            "int",
            default=16,
            low=1,
            high=1024,
            help="the side of a patch; the image's side must be a multiple of it",
        ),
    ),
)

NETS: tuple[NetInfo, ...] = tuple(
    replace(net, accuracy=ACCURACY.get(net.name))
    for net in (
        LENET5,
        ALEXNET,
        *VGG,
        GOOGLENET,
        DROPOUT_CNN,
        *RESNET,
        CIFAR10NET,
        DENSENET121,
        *EFFICIENTNET,
        VIT_B_16,
    )
)
