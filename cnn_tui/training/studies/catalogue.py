"""The studies by name; torch-free.

Their networks are narrow ones of the catalogue, so that twelve runs take about a minute
on a CPU, and their settings show the textbook's effect on every seed that was
tried (6 of 6 for batch norm and skip connections, 5 of 5 for dropout and for
architectures).
"""

from cnn_tui.names import match
from cnn_tui.next_steps import Action, step
from cnn_tui.training.studies.records import Arm, Study

RECIPE = {
    "optimizer": "adam",
    "augment": "none",
    "weight_decay": 0.0,
    "label_smoothing": 0.0,
    "judged": "last",
    "train_images": 10_000,
    "batch_size": 64,
    "precision": "fp32",
    "threads": 1,
}
"""Nothing but the arms may differ, and the best epoch must not hide an overfitted last one.

One thread, so that the number of cores decides nothing.
"""

ON_DIGITS = {
    "image_size": 16,
    "train_images": 500,
    "val_fraction": 0.2,
}
"""So few images that there is something to overfit, and to learn slowly from."""

CONSTANT_RATE = {"lr": 1e-3, "schedule": "constant", "warmup": 0.0}
ONE_CYCLE = {"lr": 2e-3, "schedule": "onecycle", "warmup": 0.3}

ARCHITECTURES = Study(
    name="architectures",
    title="Three architectures, with and without batch norm",
    question="What does batch norm do in each architecture, and what does the skip?",
    expected="Batch norm helps each network, and skips help the deep ResNet as well.",
    topic="choosing-an-architecture",
    arms=(
        Arm("lenet5", "LeNet-5", "lenet5"),
        Arm("lenet5-bn", "LeNet-5 + BN", "lenet5,batch_norm=true"),
        Arm("vgg", "VGG", "vggcifar,width=8"),
        Arm("vgg-bn", "VGG + BN", "vggcifar,width=8,batch_norm=true"),
        Arm("resnet", "ResNet", "simpleresnet,width=8,blocks=4,batch_norm=false"),
        Arm("resnet-bn", "ResNet + BN", "simpleresnet,width=8,blocks=4"),
        Arm("no-skips-bn", "no skips + BN", "simpleresnet,width=8,blocks=4,skip=false"),
    ),
    pairs=(
        ("lenet5-bn", "lenet5"),
        ("vgg-bn", "vgg"),
        ("resnet-bn", "resnet"),
        ("resnet-bn", "no-skips-bn"),
    ),
    ranking=(
        "Across LeNet-5, VGG and ResNet this only ranks them: they differ in depth, width, "
        "pooling and classifier at once, so that none of these alone explains a difference."
    ),
    cpu_seconds=63,
    recipe={**RECIPE, **ONE_CYCLE, "epochs": 10},
    on_digits={**ON_DIGITS, "batch_size": 50},
)

BATCHNORM = Study(
    name="batchnorm",
    title="Batch norm, and the same network without it",
    question="Does batch norm make six convolutions learn faster?",
    expected="With batch norm the network learns in fewer epochs, and ends higher.",
    topic="batchnorm-effects",
    arms=(
        Arm("without", "no batch norm", "cifar10net,width=16,batch_norm=false"),
        Arm("with", "batch norm", "cifar10net,width=16"),
    ),
    cpu_seconds=26,
    recipe={**RECIPE, **CONSTANT_RATE, "epochs": 15, "dropout": 0.0},
    on_digits={**ON_DIGITS, "batch_size": 50},
)

DROPOUT = Study(
    name="dropout",
    title="Dropout, where there is something to overfit",
    question="Which p keeps a network from memorizing wrong labels?",
    expected="The more is dropped, up to p = 0.7, the less of the wrong labels is learned.",
    topic="dropout-why",
    arms=(
        Arm("p0", "p=0", "dropoutcnn,width=16,p=0"),
        Arm("p0.3", "p=0.3", "dropoutcnn,width=16,p=0.3"),
        Arm("p0.5", "p=0.5", "dropoutcnn,width=16,p=0.5"),
        Arm("p0.7", "p=0.7", "dropoutcnn,width=16,p=0.7"),
    ),
    cpu_seconds=59,
    recipe={**RECIPE, **CONSTANT_RATE, "epochs": 30, "label_noise": 0.3},
    on_digits={**ON_DIGITS, "batch_size": 25},
)

SKIP = Study(
    name="skip",
    title="Skip connections in a deep network",
    question="Can 38 layers be trained without a way around them?",
    expected="With skip connections the deep network learns; plain, it hardly does.",
    topic="skip-connections",
    arms=(
        Arm("plain", "plain blocks", "simpleresnet,width=8,blocks=6,skip=false"),
        Arm("residual", "residual blocks", "simpleresnet,width=8,blocks=6"),
    ),
    cpu_seconds=56,
    recipe={**RECIPE, **ONE_CYCLE, "epochs": 10},
    on_digits={**ON_DIGITS, "batch_size": 50},
)

STUDIES = (BATCHNORM, DROPOUT, SKIP, ARCHITECTURES)


def names() -> tuple[str, ...]:
    """Every study's name, in the chapter's order of what they are about."""
    return tuple(study.name for study in STUDIES)


def find_study(name: str) -> Study:
    """The study that ``name`` means; raises UsageError with the nearest name."""
    found = match(name, names(), "experiment", step(Action.LIST_EXPERIMENTS))
    return next(study for study in STUDIES if study.name == found)
