"""Wrong variants of exercise 5, three architectures."""

from tests.grading.mutants import exercise5_page
from tests.grading.mutants.mutant import NEAREST, mutants_of

mutant = mutants_of("exercise5")

LENET_HEAD = "nn.Linear(84, 10),"
BLOCK_SUM = "F.relu(self.convolutions(x) + self.shortcut(x))"
FIRST_CONVOLUTION = (
    "nn.Conv2d(channels, width, kernel_size=3, stride=stride, padding=1, bias=False)"
)
SHORTCUT = "self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(width))"
COUNT = "sum(each.numel() for each in net.parameters() if each.requires_grad)"
ACCURACY = "(net(images).argmax(dim=1) == labels).float().mean().item()"
ADAM = "torch.optim.Adam(net.parameters(), lr=learning_rate)"
SHUFFLED = "torch.randperm(len(images)).split(batch_size)"
BATCH_LOSS = "F.cross_entropy(net(images[batch]), labels[batch])"
EPOCH_START = """    for _ in range(epochs):
        started = time.perf_counter()
"""
TRAIN_MODE = "        net.train()  # measuring the accuracy has left it in evaluation mode\n"
SECONDS = "        seconds = time.perf_counter() - started\n"
MEASURED = "        history.append((accuracy(net, val_images, val_labels), seconds))\n"
NEAR = "reached >= share * max(accuracies)"
SORTED = "sorted(rows, key=lambda row: (-row[1], row[2]))"
MEDIAN = "median(seconds for _, seconds in history)"

MUTANTS = (
    mutant(
        "LeNet-5 with max pooling",
        "lenet5",
        "nn.Conv2d(1, 6, kernel_size=5),\n        nn.ReLU(),\n        nn.AvgPool2d(2)",
        "nn.Conv2d(1, 6, kernel_size=5),\n        nn.ReLU(),\n        nn.MaxPool2d(2)",
    ),
    mutant(
        "LeNet-5 as in 1998, with tanh",
        "lenet5",
        "nn.Linear(120, 84),\n        nn.ReLU()",
        "nn.Linear(120, 84),\n        nn.Tanh()",
    ),
    mutant(
        "LeNet-5 without a hidden ReLU",
        "lenet5",
        "nn.Linear(256, 120),\n        nn.ReLU(),",
        "nn.Linear(256, 120),",
    ),
    mutant(
        "LeNet-5 with padding",
        "lenet5",
        "nn.Conv2d(1, 6, kernel_size=5)",
        "nn.Conv2d(1, 6, kernel_size=5, padding=2)",
    ),
    mutant("LeNet-5 with 32 by 32 in mind", "lenet5", "nn.Linear(256, 120)", "nn.Linear(400, 120)"),
    mutant(
        "LeNet-5 without a bias", "lenet5", "nn.Linear(84, 10)", "nn.Linear(84, 10, bias=False)"
    ),
    mutant(
        "LeNet-5 ends in probabilities", "lenet5", LENET_HEAD, f"{LENET_HEAD} nn.Softmax(dim=1),"
    ),
    mutant(
        "LeNet-5 with a frozen layer",
        "lenet5",
        LENET_HEAD,
        "nn.Linear(84, 10).requires_grad_(False),",
    ),
    mutant(
        "VGG with one more pair",
        "vgg_style",
        "*_pair(16, 32),",
        "*_pair(16, 32),\n        *_pair(32, 32),",
    ),
    mutant("VGG with average pooling", "vgg_style", "nn.MaxPool2d(2)", "nn.AvgPool2d(2)"),
    mutant(
        "VGG of single convolutions",
        "vgg_style",
        "        nn.Conv2d(width, width, kernel_size=3, padding=1),\n        nn.ReLU(),\n",
        "",
    ),
    mutant(
        "VGG of 5x5 convolutions",
        "vgg_style",
        "nn.Conv2d(channels, width, kernel_size=3, padding=1)",
        "nn.Conv2d(channels, width, kernel_size=5, padding=2)",
    ),
    mutant(
        "VGG with dropout",
        "vgg_style",
        "nn.Linear(128, 10)",
        "nn.Dropout(0.5),\n        nn.Linear(128, 10)",
    ),
    mutant(
        "VGG with batch norm",
        "vgg_style",
        "        nn.MaxPool2d(2),",
        "        nn.BatchNorm2d(width),\n        nn.MaxPool2d(2),",
    ),
    mutant("no skip", "resnet_style", BLOCK_SUM, "F.relu(self.convolutions(x))"),
    mutant(
        "ReLU before the sum",
        "resnet_style",
        BLOCK_SUM,
        "F.relu(self.convolutions(x)) + self.shortcut(x)",
    ),
    mutant(
        "no ReLU after the sum",
        "resnet_style",
        BLOCK_SUM,
        "self.convolutions(x) + self.shortcut(x)",
    ),
    mutant(
        "ReLU on the shortcut", "resnet_style", SHORTCUT, SHORTCUT.replace("))", "), nn.ReLU())")
    ),
    mutant("shortcut without norm", "resnet_style", SHORTCUT, "self.shortcut = projection"),
    mutant(
        "no gradient through the skip",
        "resnet_style",
        BLOCK_SUM,
        "F.relu(self.convolutions(x) + self.shortcut(x.detach()))",
    ),
    mutant(
        "stride in the second convolution",
        "resnet_style",
        "nn.Conv2d(width, width, kernel_size=3, padding=1, bias=False)",
        "nn.Conv2d(width, width, kernel_size=3, stride=stride, padding=1, bias=False)",
    ),
    mutant(
        "biases before batch norm",
        "resnet_style",
        FIRST_CONVOLUTION,
        FIRST_CONVOLUTION.replace(", bias=False", ""),
    ),
    mutant(
        "one convolution used twice",
        "resnet_style",
        "        self.shortcut = nn.Sequential()\n",
        "        self.shortcut = nn.Sequential()\n"
        "        if channels == width:\n"
        "            self.convolutions[3] = self.convolutions[0]\n",
    ),
    mutant(
        "no stride in the last block",
        "resnet_style",
        "ResidualBlock(32, 64, stride=2)",
        "ResidualBlock(32, 64, stride=1)",
    ),
    mutant(
        "another momentum", "resnet_style", "nn.BatchNorm2d(16)", "nn.BatchNorm2d(16, momentum=0.2)"
    ),
    mutant(
        "global max pooling", "resnet_style", "nn.AdaptiveAvgPool2d(1)", "nn.AdaptiveMaxPool2d(1)"
    ),
    mutant(
        "blocks that begin with the skip alone",
        "resnet_style",
        "        self.shortcut = nn.Sequential()\n",
        "        self.shortcut = nn.Sequential()\n"
        "        nn.init.zeros_(self.convolutions[-1].weight)\n",
    ),
    mutant("frozen ones count", "count_parameters", " if each.requires_grad", ""),
    mutant(
        "buffers count",
        "count_parameters",
        COUNT,
        f"{COUNT} + sum(each.numel() for each in net.buffers())",
    ),
    mutant("tensors counted", "count_parameters", "each.numel() for", "1 for"),
    mutant(
        "shared ones count twice",
        "count_parameters",
        COUNT,
        COUNT.replace("each in net.parameters(", '_, each in net.named_parameters("", True, False'),
    ),
    mutant(
        "weights only",
        "count_parameters",
        "if each.requires_grad",
        "if each.requires_grad and each.dim() > 1",
    ),
    mutant("accuracy in training mode", "accuracy", "    net.eval()\n", "    net.train()\n"),
    mutant("accuracy in whatever mode", "accuracy", "    net.eval()\n", ""),
    mutant("accuracy rounded", "accuracy", ACCURACY, f"round({ACCURACY}, 2)"),
    mutant(
        "accuracy of the first batch",
        "accuracy",
        "(net(images).argmax(dim=1) == labels)",
        "(net(images[:32]).argmax(dim=1) == labels[:32])",
    ),
    mutant("accuracy in percent", "accuracy", ACCURACY, f"100 * {ACCURACY}"),
    mutant("a count for a share", "accuracy", ".float().mean().item()", ".sum().item()"),
    mutant("share of errors", "accuracy", "== labels)", "!= labels)"),
    mutant("stays in evaluation mode", "history", TRAIN_MODE, ""),
    mutant(
        "accuracy of the epoch before",
        "history",
        "    return history\n",
        "    return [(history[max(i - 1, 0)][0], each) for i, (_, each) in enumerate(history)]\n",
    ),
    mutant(
        "the best accuracy so far",
        "history",
        MEASURED,
        "        reached = accuracy(net, val_images, val_labels)\n"
        "        history.append((max([reached, *(each for each, _ in history)]), seconds))\n",
    ),
    mutant(
        "trains on the validation images too",
        "history",
        f"    optimizer = {ADAM}\n",
        f"    optimizer = {ADAM}\n    images = torch.cat([images, val_images])\n"
        "    labels = torch.cat([labels, val_labels])\n",
    ),
    mutant(
        "accuracy on the training images",
        "history",
        "accuracy(net, val_images, val_labels)",
        "accuracy(net, images, labels)",
    ),
    mutant(
        "seconds since the first epoch",
        "history",
        EPOCH_START,
        "    started = time.perf_counter()\n    for _ in range(epochs):\n",
    ),
    mutant(
        "seconds with validation",
        "history",
        SECONDS + MEASURED,
        "        reached = accuracy(net, val_images, val_labels)\n"
        "        history.append((reached, time.perf_counter() - started))\n",
    ),
    mutant(
        "milliseconds",
        "history",
        SECONDS,
        SECONDS.replace("time.perf_counter() - started", "1000 * (time.perf_counter() - started)"),
    ),
    mutant(
        "whole seconds",
        "history",
        SECONDS,
        SECONDS.replace("time.perf_counter() - started", "int(time.perf_counter() - started)"),
    ),
    mutant(
        "seconds first",
        "history",
        MEASURED,
        "        history.append((seconds, accuracy(net, val_images, val_labels)))\n",
    ),
    mutant(
        "accuracies only",
        "history",
        MEASURED,
        "        history.append(accuracy(net, val_images, val_labels))\n",
    ),
    mutant("only the last epoch", "history", "    return history\n", "    return history[-1:]\n"),
    mutant(
        "a rate of its own",
        "steps",
        ADAM,
        "torch.optim.Adam(net.parameters(), lr=learning_rate and 1e-3)",
    ),
    mutant(
        "plain gradient descent",
        "steps",
        ADAM,
        "torch.optim.SGD(net.parameters(), lr=learning_rate)",
    ),
    mutant(
        "a new optimizer in each epoch",
        "steps",
        EPOCH_START,
        EPOCH_START.replace("        started", f"        optimizer = {ADAM}\n        started"),
    ),
    mutant("gradients pile up", "steps", "            optimizer.zero_grad()\n", ""),
    mutant("decoupled weight decay", "steps", ADAM, ADAM.replace("Adam(", "AdamW(")),
    mutant("a little weight decay", "steps", ADAM, f"{ADAM[:-1]}, weight_decay=1e-4)"),
    mutant("another epsilon of Adam's", "steps", ADAM, f"{ADAM[:-1]}, eps=1e-3)"),
    mutant(
        "gradients clipped",
        "steps",
        "            loss.backward()\n",
        "            loss.backward()\n"
        "            nn.utils.clip_grad_norm_(net.parameters(), 5.0)\n",
    ),
    mutant("label smoothing", "steps", BATCH_LOSS, f"{BATCH_LOSS[:-1]}, label_smoothing=0.1)"),
    mutant("steps on the summed loss", "steps", BATCH_LOSS, f"{BATCH_LOSS[:-1]}, reduction='sum')"),
    mutant(
        "a lower rate after each epoch",
        "steps",
        SECONDS,
        SECONDS + "        optimizer.param_groups[0]['lr'] *= 0.9\n",
    ),
    mutant(
        "stops where nothing gets better",
        "steps",
        MEASURED,
        MEASURED + "        if len(history) > 5 and history[-1][0] <= history[-6][0]:\n"
        "            break\n",
    ),
    mutant(
        "100 images at most",
        "comparison",
        SHUFFLED,
        SHUFFLED.replace("len(images)", "min(len(images), 100)"),
    ),
    mutant("never steps", "steps", "            optimizer.step()\n", ""),
    mutant(
        "softmax twice",
        "steps",
        BATCH_LOSS,
        "F.cross_entropy(net(images[batch]).softmax(1), labels[batch])",
    ),
    mutant(
        "last batch dropped",
        "steps",
        SHUFFLED,
        "torch.randperm(len(images))[: len(images) // batch_size * batch_size].split(batch_size)",
    ),
    mutant(
        "batches drawn with replacement",
        "steps",
        SHUFFLED,
        "torch.randint(len(images), (len(images),)).split(batch_size)",
    ),
    mutant("no shuffling", "steps", SHUFFLED, "torch.arange(len(images)).split(batch_size)"),
    mutant(
        "the same order in every epoch",
        "steps",
        "torch.randperm(len(images))",
        "torch.randperm(len(images), generator=torch.Generator().manual_seed(0))",
    ),
    mutant("labels not shuffled along", "steps", "labels[batch])", "labels[: len(batch)])"),
    mutant("share of the last", "epochs_to_converge", "max(accuracies)", "accuracies[-1]"),
    mutant("an absolute share", "epochs_to_converge", NEAR, "reached >= share"),
    mutant("strictly above", "epochs_to_converge", ">= share", "> share"),
    mutant("epochs from 0", "epochs_to_converge", "near.index(True) + 1", "near.index(True)"),
    mutant("the best epoch itself", "epochs_to_converge", NEAR, "reached >= max(accuracies)"),
    mutant("another share", "epochs_to_converge", "share: float = 0.95", "share: float = 0.9"),
    mutant("worst first", "compare", SORTED, "sorted(rows, key=lambda row: (row[1], row[2]))"),
    mutant(
        "ties to the larger", "compare", SORTED, "sorted(rows, key=lambda row: (-row[1], -row[2]))"
    ),
    mutant(
        "ties by name", "compare", SORTED, "sorted(rows, key=lambda row: (-row[1], row[2], row[0]))"
    ),
    mutant("not sorted", "compare", SORTED, "rows"),
    mutant(
        "mean seconds", "compare", MEDIAN, "sum(seconds for _, seconds in history) / len(history)"
    ),
    mutant(
        "the lower median",
        "compare",
        MEDIAN,
        "torch.tensor([seconds for _, seconds in history]).median().item()",
    ),
    mutant("the last epoch's seconds", "compare", MEDIAN, "history[-1][1]"),
    mutant(
        "only the last layer learns where there is much to learn",
        "comparison",
        ADAM,
        ADAM.replace("net", "(net[-1] if len(images) > 99 else net)"),
    ),
    mutant(
        "minutes",
        "comparison",
        SECONDS,
        SECONDS.replace("time.perf_counter() - started", "(time.perf_counter() - started) / 60"),
    ),
    mutant(
        "the nearest training image for a network",
        "comparison",
        "    return history\n\n\ndef epochs_to",
        NEAREST + "    return history\n\n\ndef epochs_to",
    ),
    *exercise5_page.MUTANTS,
)
