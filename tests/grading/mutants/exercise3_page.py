"""More wrong variants of exercise 3, batch normalization, written from its task page alone."""

from tests.grading.mutants.mutant import mutants_of

mutant = mutants_of("exercise3")

EPOCH = """\
    for _ in range(epochs):
        loss_sum, right = 0.0, 0
"""
LOSS_SUM = "loss_sum += loss.item() * len(batch)"
RIGHT = "right += int((logits.argmax(dim=1) == labels[batch]).sum())"
HISTORY = "history.append((loss_sum / len(images), right / len(images)))"

MUTANTS = (
    mutant(
        "sums go on from epoch to epoch",
        "history",
        EPOCH,
        "    loss_sum, right = 0.0, 0\n    for _ in range(epochs):\n",
    ),
    *(
        mutant(name, "history", LOSS_SUM, new)
        for name, new in (
            ("batch means over images", "loss_sum += loss.item()"),
            ("batch means summed", "loss_sum += loss.item() * len(images)"),
            ("the last batch like a whole one", "loss_sum += loss.item() * batch_size"),
            ("the loss of the last batch for all", "loss_sum = loss.item() * len(images)"),
        )
    ),
    mutant(
        "the mean of batch accuracies",
        "history",
        RIGHT,
        "right += float((logits.argmax(dim=1) == labels[batch]).float().mean()) * len(images)"
        " / -(-len(images) // batch_size)",
    ),
    mutant(
        "labels in an order of their own",
        "history",
        "F.cross_entropy(logits, labels[batch])",
        "F.cross_entropy(logits, labels[torch.randperm(len(images))[: len(batch)]])",
    ),
    *(
        mutant(name, check, HISTORY, new)
        for name, check, new in (
            (
                "the mean loss of all epochs so far",
                "adam",
                "so_far = loss_sum / len(images) + (so_far if history else 0.0)\n"
                "        history.append((so_far / (len(history) + 1), right / len(images)))",
            ),
            (
                "the loss of a pass after the epoch",
                "training_mode",
                "loss_sum = len(images) * F.cross_entropy(net(images), labels).item()\n"
                f"        {HISTORY}",
            ),
            (
                "training ends once all is right",
                "adam",
                f"{HISTORY}\n        if right == len(images):\n            break",
            ),
        )
    ),
)
