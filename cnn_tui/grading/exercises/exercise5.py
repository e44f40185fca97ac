"""Exercise 5: three architectures."""

from cnn_tui.grading.exercises import Exercise

EXERCISE = Exercise(
    name="exercise5",
    title="Three architectures",
    task="Train LeNet-5, a VGG and a ResNet by one recipe, and weigh gain against cost.",
    topic="architectures-timeline",
    keeps_functions=True,
    check_seconds=60,
    total_seconds=120,
    hints=(
        "Begin with lenet5(): write its figure down line by line, and print the shape after each "
        "layer. vgg_style() is the same work with other lines. Only resnet_style() needs a class "
        "of your own, for its block. Then measure before you train: count_parameters must give "
        "the numbers in the docstrings.",
        "A network has two modes, and most slips are about them. Whatever measures goes to "
        "evaluation mode and takes no gradient; whatever learns goes back to training mode first, "
        "in each epoch. And every number belongs to one span: an epoch's clock starts where that "
        "epoch starts and stops before validation. Ask of each number: over what was this taken?",
        "In the block, keep the two ways apart, a path F and a shortcut S, and let forward add "
        "them before the last ReLU; S holds layers only where the stride or the width changes. "
        "Train: one optimizer before the first epoch; in each epoch a new order of the indices, "
        "cut into batches that pick images and labels alike. Compare: make all rows first, then "
        "sort once by two things, of which one counts downwards; a stable sort settles the rest.",
    ),
)
