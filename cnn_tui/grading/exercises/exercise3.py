"""Exercise 3: batch normalization."""

from cnn_tui.grading.exercises import Exercise

EXERCISE = Exercise(
    name="exercise3",
    title="Batch normalization",
    task="Train one network with and without batch norm, and see which learns faster.",
    topic="batchnorm-effects",
    keeps_functions=True,
    check_seconds=60,
    total_seconds=120,
    hints=(
        "Build the network without batch norm first, send one image through it, and look at the "
        "shape after each stage. Then ask: where exactly does the norm stand, and what does the "
        "convolution before it no longer need?",
        "One function can lay out the layers of both networks, with a flag that adds the norms. "
        "In training, an epoch's loss and accuracy are sums over images, divided at the end: a "
        "mean of batch means is wrong as soon as the last batch is smaller. Batch norm also "
        "wants to know that this is training, and to see mixed classes in each batch.",
        "In train: the optimizer once, training mode, then for each epoch a random permutation "
        "of the indices cut into batches. For each batch: logits, mean cross-entropy, old "
        "gradients away, backward, step; add the loss times the size of the batch, and the "
        "number of right answers. For faster: turn each history into the number of its first "
        "epoch that is good enough, infinity where there is none, and compare the two numbers.",
    ),
)
