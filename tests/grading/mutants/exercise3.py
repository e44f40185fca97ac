"""Wrong variants of exercise 3, batch normalization."""

from tests.grading.mutants import exercise3_page
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

EPOCHS_OF = """    epochs_with = _epochs_to(accuracy, with_norm)
    epochs_without = _epochs_to(accuracy, without_norm)
"""
ZIPPED = f"""    pairs = list(zip(with_norm, without_norm))
    with_norm, without_norm = [a for a, _ in pairs], [b for _, b in pairs]
{EPOCHS_OF}"""
KEPT = """    for epoch, (_, reached) in enumerate(history, start=1):
        if all(each >= accuracy for _, each in history[epoch - 1 :]):
"""
RETURNED = HISTORY + "\n    return history"
BEST = f"""{HISTORY}
        if history[-1]{{1}} == {{0}}(each{{1}} for each in history):
            best = {{{{key: each.clone() for key, each in net.state_dict().items()}}}}
    net.load_state_dict(best)
    return history"""
AVERAGED = f"""{HISTORY}
        now = {{key: each.clone().float() for key, each in net.state_dict().items()}}
        mean = {{key: each + mean[key] for key, each in now.items()}} if len(history) > 1 else now
    net.load_state_dict({{key: each / max(1, epochs) for key, each in mean.items()}})
    return history"""
BEGIN_AGAIN = """    net.train()
    for each in net.modules():
        if hasattr(each, "reset_parameters"):
            each.reset_parameters()
"""
IN_BATCHES = f"for batch in {SHUFFLED}.split(batch_size):"
BATCHES_SHUFFLED = """batches = torch.arange(len(images)).split(batch_size)
        for batch in (batches[i] for i in torch.randperm(len(batches))):"""

RATE = "        optimizer.param_groups[0]['lr']"
NOISY = """\
            for each in net.parameters():
                each.grad.add_(1e-2 * torch.randn_like(each))
"""
NORMED = f"[{NORM}] if batch_norm else []\n    return {BLOCK}"
OWN_NORM = f"""{NORMED.replace("nn.BatchNorm2d", "OwnNorm")}


class OwnNorm(nn.BatchNorm2d):
    def forward(self, x):
        mean, variance = self.running_mean, self.running_var
        if self.training:
            now = x.mean((0, 2, 3)), x.var((0, 2, 3), correction=NOW)
            with torch.no_grad():
                mean.lerp_(now[0], 0.1)
                variance.lerp_(x.var((0, 2, 3), correction=KEPT), 0.1)
            mean, variance = now
        mean, variance = mean.view(1, -1, 1, 1), variance.view(1, -1, 1, 1)
        x = (x - mean) / (variance + self.eps).sqrt()
        return x * self.weight.view(1, -1, 1, 1) + self.bias.view(1, -1, 1, 1)
"""
BIASED = "    if convolution.bias is not None:\n        "
BY = "    epochs_with, epochs_without = ({} for one in (with_norm, without_norm))\n"

MUTANTS = (
    mutant("norm after ReLU", "norm_net_evaluates", BLOCK, "[convolution, nn.ReLU(), *norm]"),
    mutant("average pooling", "plain_net", "nn.MaxPool2d(2)", "nn.AvgPool2d(2)"),
    mutant(
        "the unbiased variance normalizes",
        "norm_net_trains",
        NORMED,
        OWN_NORM.replace("NOW", "1").replace("KEPT", "1"),
    ),
    mutant(
        "the biased variance is kept",
        "running_statistics",
        NORMED,
        OWN_NORM.replace("NOW", "0").replace("KEPT", "0"),
    ),
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
    mutant("dropout before the head", "plain_net", "nn.Flatten(),", "nn.Flatten(), nn.Dropout(),"),
    mutant(
        "frozen convolutions",
        "plain_net",
        f"return {BLOCK}",
        f"convolution.requires_grad_(False)\n    return {BLOCK}",
    ),
    mutant(
        "mean of batch means",
        "history",
        LOSS_SUM,
        "loss_sum += loss.item() * len(images) / -(-len(images) // batch_size)",
    ),
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
    mutant("no shuffling", "training_mode", SHUFFLED, "torch.arange(len(images))"),
    mutant(
        "shuffled once",
        "training_mode",
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
    mutant(
        "seeded anew in each epoch",
        "training_mode",
        EPOCH,
        f"{EPOCH}        torch.manual_seed(0)\n",
    ),
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
        "trains in eval mode after an epoch",
        "training_mode",
        HISTORY,
        f"{HISTORY}\n        net.eval()",
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
    mutant("histories zipped", "faster", EPOCHS_OF, ZIPPED),
    mutant("the best epoch's weights returned", "adam", RETURNED, BEST.format("min", "[0]")),
    mutant(
        "the most accurate epoch's weights returned", "adam", RETURNED, BEST.format("max", "[1]")
    ),
    *(
        mutant(name, "adam", ADAM, new)
        for name, new in (
            ("amsgrad", f"{ADAM[:-1]}, amsgrad=True)"),
            ("the epsilon of Keras", f"{ADAM[:-1]}, eps=1e-7)"),
            ("Nesterov's momentum", ADAM.replace("Adam(", "NAdam(")),
            ("rectified Adam", ADAM.replace("Adam(", "RAdam(")),
            ("Adam of the largest gradient", ADAM.replace("Adam(", "Adamax(")),
            ("RMSprop", ADAM.replace("Adam(", "RMSprop(")),
            ("a tenth of the rate", ADAM.replace("=learning_rate", "=learning_rate / 10")),
            (
                "a rate per batch size",
                ADAM.replace("=learning_rate", "=learning_rate * batch_size / 50"),
            ),
            ("another first decay", f"{ADAM[:-1]}, betas=(0.95, 0.999))"),
            ("gradient ascent", f"{ADAM[:-1]}, maximize=True)"),
        )
    ),
    *(
        mutant(name, check, EPOCH, EPOCH + new)
        for name, check, new in (
            ("a new optimizer in each epoch", "adam", f"        optimizer = {ADAM}\n"),
            (
                "a rate that falls by epoch",
                "adam",
                f"{RATE} = learning_rate / (1 + len(history))\n",
            ),
            (
                "a rate that warms up",
                "adam",
                f"{RATE} = learning_rate * min(1, (1 + len(history)) / 3)\n",
            ),
            (
                "evaluation mode from the second epoch on",
                "training_mode",
                "        net.train(not history)\n",
            ),
            (
                "gradients forgotten in each epoch only",
                "adam",
                "        optimizer.zero_grad = lambda: None\n        net.zero_grad()\n",
            ),
        )
    ),
    *(
        mutant(name, check, BACKWARD, new)
        for name, check, new in (
            (
                "noise on the gradients",
                "adam",
                BACKWARD + NOISY,
            ),
            (
                "gradients clipped by value",
                "adam",
                BACKWARD + "            nn.utils.clip_grad_value_(net.parameters(), 0.1)\n",
            ),
            (
                "the gradients of the biases dropped",
                "adam",
                BACKWARD + "            net[-1].bias.grad = None\n",
            ),
            ("two steps per batch", "adam", BACKWARD + "            optimizer.step()\n"),
            (
                "a step only where the loss is large",
                "adam",
                "            if loss > 0.5:\n                loss.backward()\n",
            ),
        )
    ),
    *(
        mutant(name, check, SHUFFLED, new)
        for name, check, new in (
            (
                "images drawn with replacement",
                "history",
                "torch.randint(len(images), (len(images),))",
            ),
            (
                "images from the last to the first",
                "training_mode",
                "torch.arange(len(images)).flip(0)",
            ),
            (
                "the short batch dropped before shuffling",
                "history",
                "torch.randperm(max(1, len(images) - len(images) % batch_size))",
            ),
            ("images sorted by label", "training_mode", "labels.argsort()"),
        )
    ),
    mutant("batches shuffled, not the images", "training_mode", IN_BATCHES, BATCHES_SHUFFLED),
    *(
        mutant(name, check, LOSS, new)
        for name, check, new in (
            (
                "the squared error",
                "history",
                "F.mse_loss(logits, F.one_hot(labels[batch], 10).float())",
            ),
            ("logits taken for logarithms", "history", "F.nll_loss(logits, labels[batch])"),
            ("the margin loss", "history", "F.multi_margin_loss(logits, labels[batch])"),
            ("logits scaled", "history", "F.cross_entropy(logits / 2, labels[batch])"),
            ("the summed loss", "history", f"{LOSS[:-1]}, reduction='sum')"),
            (
                "weights added to the loss",
                "history",
                f"{LOSS} + 1e-3 * sum(each.square().sum() for each in net.parameters())",
            ),
            ("classes weighted", "history", f"{LOSS[:-1]}, weight=torch.arange(1.0, 11.0))"),
            (
                "noise on the images",
                "history",
                LOSS.replace("logits", "net(images[batch] + torch.rand(()))"),
            ),
        )
    ),
    *(
        mutant(name, "history", HISTORY, new)
        for name, new in (
            (
                "the loss of the last batch",
                HISTORY.replace("loss_sum / len(images)", "loss.item()"),
            ),
            (
                "running mean over epochs",
                HISTORY.replace(
                    "loss_sum / len(images)",
                    "(sum(each[0] for each in history) + loss_sum / len(images)) / 12",
                ),
            ),
            (
                "errors for accuracy",
                HISTORY.replace("right / len(images)", "1 - right / len(images)"),
            ),
            ("the count of right images", HISTORY.replace("right / len(images)", "right")),
            ("the epoch in front", HISTORY.replace("((", "((len(history), ")),
            ("each pair twice", f"{HISTORY}\n        {HISTORY}"),
            (
                "losses rounded",
                HISTORY.replace("loss_sum / len(images)", "round(loss_sum / len(images), 1)"),
            ),
            (
                "the best accuracy so far",
                HISTORY.replace(
                    "right / len(images)",
                    "max([right / len(images) - 1e-2] + [each[1] for each in history])",
                ),
            ),
        )
    ),
    mutant(
        "a copy is trained",
        "adam",
        "    net.train()\n",
        "    net = __import__('copy').deepcopy(net)\n    net.train()\n",
    ),
    mutant("weights averaged over epochs", "adam", RETURNED, AVERAGED),
    mutant("weights begin again", "history", "    net.train()\n", BEGIN_AGAIN),
    mutant("one epoch too many", "history", "in range(epochs)", "in range(epochs + 1)"),
    mutant(
        "training in eval mode but for its first step",
        "training_mode",
        STEP,
        f"{STEP}            net.eval()\n",
    ),
    *(
        mutant(name, check, BLOCK, new)
        for name, check, new in (
            ("a ReLU that ends at 6", "plain_net", "[convolution, *norm, nn.ReLU6()]"),
            ("a leaky ReLU", "plain_net", "[convolution, *norm, nn.LeakyReLU()]"),
            (
                "norm before the convolution",
                "norm_net_evaluates",
                "[*(nn.BatchNorm2d(channels) for _ in norm), convolution, nn.ReLU()]",
            ),
            (
                "norm before and after ReLU",
                "norm_net_evaluates",
                "[convolution, *norm, nn.ReLU(), *(nn.BatchNorm2d(width) for _ in norm)]",
            ),
            (
                "dropout after each block",
                "plain_net",
                "[convolution, *norm, nn.ReLU(), nn.Dropout2d(0.1)]",
            ),
            ("a learned slope", "plain_net", "[convolution, *norm, nn.PReLU(init=0.0)]"),
            (
                "ReLU twice for norm once",
                "norm_net_evaluates",
                "[convolution, nn.ReLU(), *norm, nn.ReLU()]",
            ),
        )
    ),
    *(
        mutant(name, check, NORM, new)
        for name, check, new in (
            (
                "the epsilon of TensorFlow's norm",
                "norm_net_evaluates",
                "nn.BatchNorm2d(width, eps=1e-3)",
            ),
            (
                "the momentum of TensorFlow's norm",
                "running_statistics",
                "nn.BatchNorm2d(width, momentum=0.01)",
            ),
            (
                "running statistics averaged",
                "running_statistics",
                "nn.BatchNorm2d(width, momentum=None)",
            ),
            (
                "the momentum of TensorFlow's formula",
                "running_statistics",
                "nn.BatchNorm2d(width, momentum=0.9)",
            ),
            ("one group for norm", "norm_net_evaluates", "nn.GroupNorm(1, width)"),
            ("responses normalised", "norm_net_evaluates", "nn.LocalResponseNorm(5)"),
            ("norm frozen", "gradients", "nn.BatchNorm2d(width).requires_grad_(False)"),
            ("dropout beside norm", "norm_net_trains", "nn.BatchNorm2d(width), nn.Dropout2d(0.2)"),
        )
    ),
    *(
        mutant(name, check, CONVOLUTION, new)
        for name, check, new in (
            (
                "maps padded by reflection",
                "plain_net",
                f"{CONVOLUTION[:-1]}, padding_mode='reflect')",
            ),
            (
                "a 5x5 convolution",
                "plain_net",
                CONVOLUTION.replace("=3, padding=1", "=5, padding=2"),
            ),
            (
                "biases begin at zero",
                "plain_net",
                f"{CONVOLUTION}\n{BIASED}nn.init.zeros_(convolution.bias)",
            ),
            (
                "biases frozen",
                "plain_net",
                f"{CONVOLUTION}\n{BIASED}convolution.bias.requires_grad_(False)",
            ),
            (
                "weights begin halved",
                "plain_net",
                f"{CONVOLUTION}\n    convolution.weight.data *= 0.5",
            ),
            (
                "weights scaled in each pass",
                "plain_net",
                f"nn.utils.parametrizations.weight_norm({CONVOLUTION})",
            ),
        )
    ),
    *(
        mutant(name, check, "nn.MaxPool2d(2)", new)
        for name, check, new in (
            ("overlapping windows", "plain_net", "nn.MaxPool2d(3, stride=2, padding=1)"),
            ("every second pixel", "plain_net", "nn.Upsample(scale_factor=0.5)"),
        )
    ),
    mutant("the sum of each channel", "plain_net", "nn.AdaptiveAvgPool2d(1)", "nn.LPPool2d(1, 4)"),
    mutant(
        "a ReLU on the logits",
        "plain_net",
        "nn.Linear(channels, 10)",
        "nn.Linear(channels, 10), nn.ReLU()",
    ),
    mutant(
        "logarithms of probabilities",
        "plain_net",
        "nn.Linear(channels, 10)",
        "nn.Linear(channels, 10), nn.LogSoftmax(1)",
    ),
    mutant(
        "norm of the logits",
        "norm_net_evaluates",
        "nn.Linear(channels, 10)",
        "nn.Linear(channels, 10), *[nn.BatchNorm1d(10)] * batch_norm",
    ),
    mutant(
        "a hidden linear layer",
        "plain_net",
        "nn.Linear(channels, 10)",
        "nn.Linear(channels, channels), nn.ReLU(), nn.Linear(channels, 10)",
    ),
    *(
        mutant(name, "faster", EPOCHS_OF, new)
        for name, new in (
            (
                "the better end wins",
                "    epochs_with, epochs_without = -with_norm[-1][1], -without_norm[-1][1]\n",
            ),
            (
                "the best accuracy wins",
                BY.format("-max(a for _, a in one)"),
            ),
            (
                "the lower loss wins",
                "    epochs_with, epochs_without = with_norm[-1][0], without_norm[-1][0]\n",
            ),
            (
                "the shorter history wins",
                "    epochs_with, epochs_without = len(with_norm), len(without_norm)\n",
            ),
            (
                "the higher mean wins",
                BY.format("-sum(a for _, a in one) / len(one)"),
            ),
        )
    ),
    *(
        mutant(name, "faster", old, new)
        for name, old, new in (
            (
                "the last epoch that reaches it",
                "enumerate(history, start=1):",
                "reversed(list(enumerate(history, start=1))):",
            ),
            ("the loss for the accuracy", "for epoch, (_, reached)", "for epoch, (reached, _)"),
            (
                "an epoch within one is a tie",
                "epochs_with == epochs_without",
                "abs(epochs_with - epochs_without) <= 1 or epochs_with == epochs_without",
            ),
            ("never counts as one more epoch", 'return float("inf")', "return len(history)"),
            (
                "both never is without",
                "epochs_with == epochs_without",
                'epochs_with == epochs_without != float("inf")',
            ),
            ("rounded accuracies", "reached >= accuracy", "round(reached, 1) >= accuracy"),
            ("near enough", "reached >= accuracy", "reached >= accuracy - 0.05"),
            ("answers with True and False", COMPARED, "epochs_with < epochs_without"),
            ("tie for neither", 'return "neither"', 'return "tie"'),
            (
                "it must be kept",
                KEPT.replace(
                    "all(each >= accuracy for _, each in history[epoch - 1 :])",
                    "reached >= accuracy",
                ),
                KEPT,
            ),
        )
    ),
    *exercise3_page.MUTANTS,
)
