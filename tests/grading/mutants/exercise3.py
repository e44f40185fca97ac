"""Wrong variants of exercise 3, batch normalization."""

from tests.grading.mutants.mutant import NEAREST, mutants_of

mutant = mutants_of("exercise3")

CONVOLUTION = "nn.Conv2d(channels, width, kernel_size=3, padding=1, bias=not batch_norm)"
BLOCK = "[convolution, *norm, nn.ReLU()]"
NORM = "nn.BatchNorm2d(width)"
ADAM = "torch.optim.Adam(net.parameters(), lr=learning_rate)"
LOSS = "F.cross_entropy(logits, labels[batch])"
LOSS_SUM = "loss_sum += loss.item() * len(batch)"
SHUFFLED = "torch.randperm(len(images))"
HISTORY = "history.append((loss_sum / len(images), right / len(images)))"
COMPARED = '"with" if epochs_with < epochs_without else "without"'
BACKWARD = "            loss.backward()\n"
STEP = "            optimizer.step()\n"
EPOCH = "        loss_sum, right = 0.0, 0\n"
XAVIER = "    nn.init.xavier_uniform_(convolution.weight)\n"
NEAREST_WITH_NORM = NEAREST.replace(":", " and isinstance(net[1], nn.BatchNorm2d):", 1)

MUTANTS = (
    mutant("norm after ReLU", "norm_net_evaluates", BLOCK, "[convolution, nn.ReLU(), *norm]"),
    mutant("average pooling", "plain_net", "nn.MaxPool2d(2)", "nn.AvgPool2d(2)"),
    mutant("no ReLU", "plain_net", BLOCK, "[convolution, *norm]"),
    mutant("no padding", "plain_net", CONVOLUTION, CONVOLUTION.replace("padding=1", "padding=0")),
    mutant("global max pooling", "plain_net", "nn.AdaptiveAvgPool2d(1)", "nn.AdaptiveMaxPool2d(1)"),
    mutant("no bias anywhere", "plain_net", "bias=not batch_norm", "bias=False"),
    mutant("a wider stage", "plain_net", "(64, 64)", "(64, 128)"),
    mutant(
        "probabilities for logits",
        "plain_net",
        "nn.Linear(channels, 10)",
        "nn.Linear(channels, 10), nn.Softmax(1)",
    ),
    mutant("always norm", "plain_net", "if batch_norm else []", "if True else []"),
    mutant("never norm", "norm_net_evaluates", "if batch_norm else []", "if False else []"),
    mutant("group norm", "norm_net_evaluates", NORM, "nn.GroupNorm(4, width)"),
    mutant(
        "instance norm",
        "norm_net_trains",
        NORM,
        "nn.InstanceNorm2d(width, affine=True, track_running_stats=True)",
    ),
    mutant(
        "no running statistics",
        "norm_net_evaluates",
        NORM,
        "nn.BatchNorm2d(width, track_running_stats=False)",
    ),
    mutant("norm without scale", "norm_net_evaluates", NORM, "nn.BatchNorm2d(width, affine=False)"),
    mutant("another epsilon", "norm_net_evaluates", NORM, "nn.BatchNorm2d(width, eps=0.1)"),
    mutant("another momentum", "running_statistics", NORM, "nn.BatchNorm2d(width, momentum=0.5)"),
    mutant(
        "norm in half of the layers",
        "norm_net_evaluates",
        "if batch_norm else []",
        "if batch_norm and channels != width else []",
    ),
    mutant(
        "initialized by Xavier", "plain_net", f"    return {BLOCK}", f"{XAVIER}    return {BLOCK}"
    ),
    mutant(
        "dropout before the head", "norm_net_trains", "nn.Flatten(),", "nn.Flatten(), nn.Dropout(),"
    ),
    mutant(
        "frozen convolutions",
        "gradients",
        f"return {BLOCK}",
        f"convolution.requires_grad_(False)\n    return {BLOCK}",
    ),
    mutant("mean of batch means", "history", LOSS_SUM, "loss_sum += loss.item() * len(images) / 4"),
    mutant("loss summed up", "history", "loss_sum / len(images)", "loss_sum"),
    mutant("accuracy in percent", "history", "right / len(images)", "100 * right / len(images)"),
    mutant(
        "accuracy first",
        "history",
        HISTORY,
        "history.append((right / len(images), loss_sum / len(images)))",
    ),
    mutant("only the last epoch", "history", "return history", "return history[-1:]"),
    mutant("losses only", "history", HISTORY, "history.append(loss_sum / len(images))"),
    mutant("softmax twice", "history", LOSS, "F.cross_entropy(logits.softmax(1), labels[batch])"),
    mutant(
        "last batch dropped",
        "history",
        ".split(batch_size)",
        "[: len(images) // batch_size * batch_size].split(batch_size)",
    ),
    mutant(
        "a rate of its own",
        "adam",
        ADAM,
        "torch.optim.Adam(net.parameters(), lr=learning_rate and 1e-3)",
    ),
    mutant(
        "plain gradient descent",
        "adam",
        ADAM,
        "torch.optim.SGD(net.parameters(), lr=learning_rate)",
    ),
    mutant("gradients pile up", "adam", "            optimizer.zero_grad()\n", ""),
    mutant("never steps", "adam", "            optimizer.step()\n", ""),
    mutant(
        "only the last layer learns",
        "adam",
        ADAM,
        "torch.optim.Adam(net[-1].parameters(), lr=learning_rate)",
    ),
    mutant("no shuffling", "adam", SHUFFLED, "torch.arange(len(images))"),
    mutant(
        "shuffled once",
        "adam",
        "    for _ in range(epochs):\n        loss_sum, right = 0.0, 0\n"
        f"        for batch in {SHUFFLED}",
        f"    order = {SHUFFLED}\n    for _ in range(epochs):\n        loss_sum, right = 0.0, 0\n"
        "        for batch in order",
    ),
    mutant("weight decay", "adam", ADAM, f"{ADAM[:-1]}, weight_decay=1e-4)"),
    mutant("decoupled weight decay", "adam", ADAM, ADAM.replace("Adam(", "AdamW(")),
    mutant("steps on the summed loss", "adam", "loss.backward()", "(loss * len(batch)).backward()"),
    mutant(
        "steps on the loss per full batch",
        "adam",
        "loss.backward()",
        "(loss * len(batch) / batch_size).backward()",
    ),
    mutant(
        "accuracy after the step",
        "history",
        "(logits.argmax(dim=1) == labels[batch])",
        "(net(images[batch]).argmax(dim=1) == labels[batch])",
    ),
    mutant(
        "accuracy by a pass after the epoch",
        "history",
        HISTORY,
        "right = int((net(images).argmax(dim=1) == labels).sum())\n        " + HISTORY,
    ),
    mutant(
        "loss after the step",
        "adam",
        LOSS_SUM,
        LOSS_SUM.replace("loss.item()", f"{LOSS.replace('logits', 'net(images[batch])')}.item()"),
    ),
    mutant("another decay of Adam's", "adam", ADAM, f"{ADAM[:-1]}, betas=(0.9, 0.99))"),
    mutant("another epsilon of Adam's", "adam", ADAM, f"{ADAM[:-1]}, eps=1e-3)"),
    mutant(
        "gradients clipped",
        "adam",
        BACKWARD,
        BACKWARD + "            nn.utils.clip_grad_norm_(net.parameters(), 5.0)\n",
    ),
    mutant(
        "a lower rate from the sixth epoch on",
        "adam",
        EPOCH,
        EPOCH + "        optimizer.param_groups[0]['lr'] *= 0.5 if len(history) == 5 else 1\n",
    ),
    mutant("seeded anew in each epoch", "adam", EPOCH, f"{EPOCH}        torch.manual_seed(0)\n"),
    mutant("batches of 32, whatever is asked", "history", ".split(batch_size)", ".split(32)"),
    mutant("label smoothing", "history", LOSS, f"{LOSS[:-1]}, label_smoothing=0.1)"),
    mutant(
        "accuracy of the last batch",
        "history",
        "right += int((logits.argmax(dim=1) == labels[batch]).sum())",
        "right = len(images) * float((logits.argmax(1) == labels[batch]).float().mean())",
    ),
    mutant(
        "accuracy rounded", "history", "right / len(images)))", "round(right / len(images), 2)))"
    ),
    mutant(
        "labels not shuffled along", "history", LOSS, "F.cross_entropy(logits, labels[:len(batch)])"
    ),
    mutant(
        "stops where nothing gets better",
        "history",
        HISTORY,
        f"{HISTORY}\n        if len(history) > 5 and history[-1][0] > history[-6][0] - 1e-3:"
        "\n            break",
    ),
    mutant(
        "trains in eval mode after an epoch", "training_mode", HISTORY, f"{HISTORY}\n        net.eval()"
    ),
    mutant(
        "trains in eval mode after the first batch of each epoch",
        "training_mode",
        f"        for batch in {SHUFFLED}.split(batch_size):\n",
        f"        for k, batch in enumerate({SHUFFLED}.split(batch_size)):\n"
        "            net.train(k == 0)\n",
    ),
    mutant("trains in eval mode", "training_mode", "net.train()", "net.eval()"),
    mutant("trains in the mode that it finds", "training_mode", "    net.train()\n", ""),
    mutant(
        "answer turned around",
        "faster",
        COMPARED,
        '"without" if epochs_with < epochs_without else "with"',
    ),
    mutant("strictly above", "faster", "reached >= accuracy", "reached > accuracy"),
    mutant("another default", "faster", "accuracy: float = 0.9", "accuracy: float = 0.5"),
    mutant("accuracy fixed", "faster", "reached >= accuracy", "reached >= 0.9"),
    mutant("a history that never gets there wins", "faster", 'float("inf")', "0"),
    mutant("ties to norm", "faster", 'return "neither"', 'return "with"'),
    mutant(
        "the nearest training image for a network",
        "comparison",
        "    return history\n\n\ndef faster",
        NEAREST_WITH_NORM + "    return history\n\n\ndef faster",
    ),
)
