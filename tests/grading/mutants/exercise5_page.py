"""More wrong variants of exercise 5, three architectures, written from its task page alone."""

from tests.grading.mutants.mutant import mutants_of

mutant = mutants_of("exercise5")

MUTANTS = (
    mutant(
        "training stops at 97 %",
        "steps",
        "        history.append((accuracy(net, val_images, val_labels), seconds))\n",
        "        history.append((accuracy(net, val_images, val_labels), seconds))\n"
        "        if history[-1][0] >= 0.97:\n"
        "            break\n",
    ),
    mutant(
        "accuracies are rounded in the rows",
        "compare",
        "        (name, reached, parameters, _seconds_per_epoch(history), "
        "epochs_to_converge(history))\n",
        "        (name, round(reached, 3), parameters, _seconds_per_epoch(history), "
        "epochs_to_converge(history))\n",
    ),
    mutant(
        "near ties are equal in the rows' order",
        "compare",
        "    return sorted(rows, key=lambda row: (-row[1], row[2]))\n",
        "    return sorted(rows, key=lambda row: (-round(row[1], 2), row[2]))\n",
    ),
    mutant(
        "near ties of a thousandth are equal in the rows' order",
        "compare",
        "    return sorted(rows, key=lambda row: (-row[1], row[2]))\n",
        "    return sorted(rows, key=lambda row: (-round(row[1], 3), row[2]))\n",
    ),
    mutant(
        "networks of equal names are merged",
        "compare",
        "    return sorted(rows, key=lambda row: (-row[1], row[2]))\n",
        "    rows = list({row[0]: row for row in rows}.values())\n"
        "    return sorted(rows, key=lambda row: (-row[1], row[2]))\n",
    ),
    mutant(
        "networks of equal names are merged into the first",
        "compare",
        "    return sorted(rows, key=lambda row: (-row[1], row[2]))\n",
        "    rows = list({row[0]: row for row in rows[::-1]}.values())[::-1]\n"
        "    return sorted(rows, key=lambda row: (-row[1], row[2]))\n",
    ),
    mutant(
        "the mean of epoch times",
        "compare",
        "    return median(seconds for _, seconds in history)\n",
        "    return sum(seconds for _, seconds in history) / len(history)\n",
    ),
    mutant(
        "the mean of epoch times but the first",
        "compare",
        "    return median(seconds for _, seconds in history)\n",
        "    times = [seconds for _, seconds in history][1:] or [history[0][1]]\n"
        "    return sum(times) / len(times)\n",
    ),
    mutant(
        "the median of epoch times but the first",
        "compare",
        "    return median(seconds for _, seconds in history)\n",
        "    return median([seconds for _, seconds in history][1:] or [history[0][1]])\n",
    ),
    mutant(
        "the upper median",
        "compare",
        "    return median(seconds for _, seconds in history)\n",
        "    return sorted(seconds for _, seconds in history)[len(history) // 2]\n",
    ),
    mutant(
        "the middle epoch's time",
        "compare",
        "    return median(seconds for _, seconds in history)\n",
        "    return history[len(history) // 2][1]\n",
    ),
    mutant(
        "the trimmed mean of epoch times",
        "compare",
        "    return median(seconds for _, seconds in history)\n",
        "    times = sorted(seconds for _, seconds in history)\n"
        "    times = times[1:-1] or times\n"
        "    return sum(times) / len(times)\n",
    ),
    mutant(
        "seconds are rounded",
        "compare",
        "    return median(seconds for _, seconds in history)\n",
        "    return round(median(seconds for _, seconds in history), 2)\n",
    ),
    mutant(
        "parameters are counted by name only",
        "count_parameters",
        "    return sum(each.numel() for each in net.parameters() if each.requires_grad)\n",
        "    return sum(p.numel() for name, p in net.named_parameters() if "
        "p.requires_grad and name.rpartition('.')[2] in ('weight', 'bias'))\n",
    ),
    mutant(
        "parameters of one name count once",
        "count_parameters",
        "    return sum(each.numel() for each in net.parameters() if each.requires_grad)\n",
        "    return sum({name.rpartition('.')[2] + str(tuple(p.shape)): p.numel() for "
        "name, p in net.named_parameters() if p.requires_grad}.values())\n",
    ),
    mutant(
        "parameters of equal values count once",
        "count_parameters",
        "    return sum(each.numel() for each in net.parameters() if each.requires_grad)\n",
        "    return sum(len(v) for v in {tuple(p.detach().flatten().tolist()) for p in "
        "net.parameters() if p.requires_grad})\n",
    ),
    mutant(
        "only convolutions and linear layers count",
        "count_parameters",
        "    return sum(each.numel() for each in net.parameters() if each.requires_grad)\n",
        "    return sum(p.numel() for m in net.modules() if isinstance(m, (nn.Conv2d, "
        "nn.Linear)) for p in m.parameters() if p.requires_grad)\n",
    ),
    mutant(
        "layers at two places count twice",
        "count_parameters",
        "    return sum(each.numel() for each in net.parameters() if each.requires_grad)\n",
        "    return sum(p.numel() for _, p in "
        "net.named_parameters(remove_duplicate=False) if p.requires_grad)\n",
    ),
    mutant(
        "what has no gradient yet does not count",
        "count_parameters",
        "    return sum(each.numel() for each in net.parameters() if each.requires_grad)\n",
        "    net(torch.zeros(2, 1, 28, 28)).sum().backward()\n"
        "    return sum(each.numel() for each in net.parameters() if each.grad is not "
        "None)\n",
    ),
    mutant(
        "scalars do not count",
        "count_parameters",
        "    return sum(each.numel() for each in net.parameters() if each.requires_grad)\n",
        "    return sum(each.numel() for each in net.parameters() if "
        "each.requires_grad and each.dim())\n",
    ),
    mutant(
        "the network's own parameters do not count",
        "count_parameters",
        "    return sum(each.numel() for each in net.parameters() if each.requires_grad)\n",
        "    own = {id(p) for p in net.parameters(recurse=False)} if "
        "len(list(net.children())) else set()\n"
        "    return sum(p.numel() for p in net.parameters() if p.requires_grad and "
        "id(p) not in own)\n",
    ),
    mutant(
        "zeros do not count",
        "count_parameters",
        "    return sum(each.numel() for each in net.parameters() if each.requires_grad)\n",
        "    return int(sum(each.count_nonzero() for each in net.parameters() if "
        "each.requires_grad))\n",
    ),
    mutant(
        "batches are shuffled, not images",
        "steps",
        "        for batch in torch.randperm(len(images)).split(batch_size):\n",
        "        order = torch.arange(len(images)).split(batch_size)\n"
        "        for batch in [order[i] for i in torch.randperm(len(order))]:\n",
    ),
    mutant(
        "convergence needs more than the share",
        "epochs_to_converge",
        "    near = [reached >= share * max(accuracies) for reached in accuracies]\n"
        "    return near.index(True) + 1\n",
        "    near = [reached > share * max(accuracies) for reached in accuracies]\n"
        "    return near.index(True) + 1\n",
    ),
    mutant(
        "convergence looks at the last accuracy",
        "epochs_to_converge",
        "    near = [reached >= share * max(accuracies) for reached in accuracies]\n"
        "    return near.index(True) + 1\n",
        "    near = [reached >= share * accuracies[-1] for reached in accuracies]\n"
        "    return near.index(True) + 1\n",
    ),
    mutant(
        "convergence subtracts",
        "epochs_to_converge",
        "    near = [reached >= share * max(accuracies) for reached in accuracies]\n"
        "    return near.index(True) + 1\n",
        "    near = [reached >= max(accuracies) - (1 - share) for reached in "
        "accuracies]\n"
        "    return near.index(True) + 1\n",
    ),
    mutant(
        "convergence ignores the share",
        "epochs_to_converge",
        "    near = [reached >= share * max(accuracies) for reached in accuracies]\n"
        "    return near.index(True) + 1\n",
        "    near = [reached >= 0.95 * max(accuracies) for reached in accuracies]\n"
        "    return near.index(True) + 1\n",
    ),
    mutant(
        "convergence has to last",
        "epochs_to_converge",
        "    near = [reached >= share * max(accuracies) for reached in accuracies]\n"
        "    return near.index(True) + 1\n",
        "    near = [reached >= share * max(accuracies) for reached in accuracies]\n"
        "    return max((i for i, each in enumerate(near) if not each), default=-1) + "
        "2 if near[-1] else near.index(True) + 1\n",
    ),
    mutant(
        "convergence rounds accuracies",
        "epochs_to_converge",
        "    accuracies = [reached for reached, _ in history]\n",
        "    accuracies = [round(reached, 2) for reached, _ in history]\n",
    ),
    mutant(
        "convergence rounds the bar",
        "epochs_to_converge",
        "    near = [reached >= share * max(accuracies) for reached in accuracies]\n"
        "    return near.index(True) + 1\n",
        "    near = [reached >= round(share * max(accuracies), 2) for reached in "
        "accuracies]\n"
        "    return near.index(True) + 1\n",
    ),
    mutant(
        "convergence at nothing is the last epoch",
        "epochs_to_converge",
        "    near = [reached >= share * max(accuracies) for reached in accuracies]\n"
        "    return near.index(True) + 1\n",
        "    if max(accuracies) == 0:\n"
        "        return len(accuracies)\n"
        "    near = [reached >= share * max(accuracies) for reached in accuracies]\n"
        "    return near.index(True) + 1\n",
    ),
    mutant(
        "convergence looks at the best so far",
        "epochs_to_converge",
        "    near = [reached >= share * max(accuracies) for reached in accuracies]\n"
        "    return near.index(True) + 1\n",
        "    near = [reached >= share * max(accuracies[: i + 1]) for i, reached in "
        "enumerate(accuracies)]\n"
        "    return near.index(True) + 1\n",
    ),
    mutant(
        "convergence is the epoch of the best",
        "epochs_to_converge",
        "    near = [reached >= share * max(accuracies) for reached in accuracies]\n"
        "    return near.index(True) + 1\n",
        "    return accuracies.index(max(accuracies)) + 1\n",
    ),
    mutant(
        "convergence at 0.9 by default",
        "epochs_to_converge",
        "share: float = 0.95",
        "share: float = 0.9",
    ),
    mutant(
        "convergence at 0.94 by default",
        "epochs_to_converge",
        "share: float = 0.95",
        "share: float = 0.94",
    ),
    mutant(
        "convergence allows a hair less",
        "epochs_to_converge",
        "    near = [reached >= share * max(accuracies) for reached in accuracies]\n"
        "    return near.index(True) + 1\n",
        "    near = [reached >= share * max(accuracies) - 1e-3 for reached in "
        "accuracies]\n"
        "    return near.index(True) + 1\n",
    ),
    mutant(
        "equals go by seconds",
        "compare",
        "    return sorted(rows, key=lambda row: (-row[1], row[2]))\n",
        "    return sorted(rows, key=lambda row: (-row[1], row[2], row[3]))\n",
    ),
    mutant(
        "equals go by name",
        "compare",
        "    return sorted(rows, key=lambda row: (-row[1], row[2]))\n",
        "    return sorted(rows, key=lambda row: (-row[1], row[2], row[0]))\n",
    ),
    mutant(
        "equals go by epochs to converge",
        "compare",
        "    return sorted(rows, key=lambda row: (-row[1], row[2]))\n",
        "    return sorted(rows, key=lambda row: (-row[1], row[2], row[4]))\n",
    ),
    mutant(
        "equals are turned around",
        "compare",
        "    return sorted(rows, key=lambda row: (-row[1], row[2]))\n",
        "    return sorted(rows[::-1], key=lambda row: (-row[1], row[2]))\n",
    ),
    mutant(
        "equally accurate go by their place",
        "compare",
        "    return sorted(rows, key=lambda row: (-row[1], row[2]))\n",
        "    return sorted(rows, key=lambda row: -row[1])\n",
    ),
    mutant(
        "the larger of equals comes first",
        "compare",
        "    return sorted(rows, key=lambda row: (-row[1], row[2]))\n",
        "    return sorted(rows, key=lambda row: (-row[1], -row[2]))\n",
    ),
    mutant(
        "the accuracy is the best of the history",
        "compare",
        "        (name, reached, parameters, _seconds_per_epoch(history), "
        "epochs_to_converge(history))\n",
        "        (name, max(a for a, _ in history), parameters, "
        "_seconds_per_epoch(history), epochs_to_converge(history))\n",
    ),
    mutant(
        "the accuracy is the last of the history",
        "compare",
        "        (name, reached, parameters, _seconds_per_epoch(history), "
        "epochs_to_converge(history))\n",
        "        (name, history[-1][0], parameters, _seconds_per_epoch(history), "
        "epochs_to_converge(history))\n",
    ),
    mutant(
        "rows converge at 0.9",
        "compare",
        "        (name, reached, parameters, _seconds_per_epoch(history), "
        "epochs_to_converge(history))\n",
        "        (name, reached, parameters, _seconds_per_epoch(history), "
        "epochs_to_converge(history, 0.9))\n",
    ),
    mutant(
        "only three rows",
        "compare",
        "    return sorted(rows, key=lambda row: (-row[1], row[2]))\n",
        "    return sorted(rows, key=lambda row: (-row[1], row[2]))[:3]\n",
    ),
    mutant(
        "seconds are the total",
        "compare",
        "        (name, reached, parameters, _seconds_per_epoch(history), "
        "epochs_to_converge(history))\n",
        "        (name, reached, parameters, sum(s for _, s in history), "
        "epochs_to_converge(history))\n",
    ),
    mutant(
        "the number of epochs for those to converge",
        "compare",
        "        (name, reached, parameters, _seconds_per_epoch(history), "
        "epochs_to_converge(history))\n",
        "        (name, reached, parameters, _seconds_per_epoch(history), len(history))\n",
    ),
    mutant(
        "equal results count once",
        "compare",
        "    return sorted(rows, key=lambda row: (-row[1], row[2]))\n",
        "    return sorted(dict.fromkeys(rows), key=lambda row: (-row[1], row[2]))\n",
    ),
    mutant(
        "the weights of the best epoch are kept",
        "history",
        "        history.append((accuracy(net, val_images, val_labels), seconds))\n"
        "    return history\n",
        "        history.append((accuracy(net, val_images, val_labels), seconds))\n"
        "        if history[-1][0] > max([-1, *(each for each, _ in history[:-1])]):\n"
        "            best = {key: each.clone() for key, each in net.state_dict().items()}\n"
        "    net.load_state_dict(best)\n"
        "    return history\n",
    ),
    *(
        mutant(
            name,
            "steps",
            "        history.append((accuracy(net, val_images, val_labels), seconds))\n",
            "        history.append((accuracy(net, val_images, val_labels), seconds))\n" + new,
        )
        for name, new in (
            (
                "the rate falls after five epochs",
                "        optimizer.param_groups[0]['lr'] *= 0.5 if len(history) == 5 else 1\n",
            ),
            (
                "the rate falls where nothing gets better",
                "        if len(history) > 9 and history[-1][0] <= history[-9][0]:\n"
                "            optimizer.param_groups[0]['lr'] = learning_rate / 10\n",
            ),
            (
                "training ends where nothing gets better, and reports the rest",
                "        if len(history) > 3 and history[-1][0] <= history[-4][0]:\n"
                "            return history + [history[-1]] * (epochs - len(history))\n",
            ),
        )
    ),
    *(
        mutant(name, "history", "        seconds = time.perf_counter() - started\n", new)
        for name, new in (
            ("a point in time for seconds", "        seconds = time.time()\n"),
            ("the start minus the end", "        seconds = started - time.perf_counter()\n"),
        )
    ),
    mutant(
        "the time of the last batch",
        "comparison",
        "            loss = F.cross_entropy(net(images[batch]), labels[batch])\n",
        "            started = time.perf_counter()\n"
        "            loss = F.cross_entropy(net(images[batch]), labels[batch])\n",
    ),
    mutant(
        "the mean of the accuracies of batches",
        "accuracy",
        "    return (net(images).argmax(dim=1) == labels).float().mean().item()\n",
        "    pairs = zip(images.split(64), labels.split(64))\n"
        "    shares = [(net(x).argmax(dim=1) == y).float().mean().item() for x, y in pairs]\n"
        "    return sum(shares) / len(shares)\n",
    ),
    mutant(
        "second guesses count",
        "accuracy",
        "(net(images).argmax(dim=1) == labels)",
        "(net(images).topk(2).indices == labels[:, None]).any(1)",
    ),
    mutant(
        "all of the state dict counts",
        "count_parameters",
        "    return sum(each.numel() for each in net.parameters() if each.requires_grad)\n",
        "    return sum(each.numel() for each in net.state_dict().values())\n",
    ),
    mutant(
        "one norm for both convolutions of a block",
        "resnet_style",
        "        self.shortcut = nn.Sequential()\n",
        "        self.convolutions[4] = self.convolutions[1]\n"
        "        self.shortcut = nn.Sequential()\n",
    ),
    mutant(
        "accuracies are rounded to four digits in the rows",
        "compare",
        "        (name, reached, parameters, _seconds_per_epoch(history), "
        "epochs_to_converge(history))\n",
        "        (name, round(reached, 4), parameters, _seconds_per_epoch(history), "
        "epochs_to_converge(history))\n",
    ),
    mutant(
        "seconds are rounded to four digits",
        "compare",
        "    return median(seconds for _, seconds in history)\n",
        "    return round(median(seconds for _, seconds in history), 4)\n",
    ),
)
