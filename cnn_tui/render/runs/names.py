"""What runs are called, in a legend as in a list."""

from collections import Counter
from collections.abc import Sequence

from cnn_tui.nets.specs import words
from cnn_tui.render.runs.history import RunHistory
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store.differences import repeat_of

ID_LENGTH, MOST_TOLD = 4, 2
SEED = "seed "


def short_data(data: str) -> str:
    """A data set in one word."""
    return "folder" if data.startswith("folder:") else data


def net_words(net: str) -> tuple[str, ...]:
    """A network and its options, one by one: ``simpleresnet,width=1`` → simpleresnet, width 1."""
    name, *options = words(net)
    return name, *(each.replace("=", " ") for each in options)


def label_run(history: RunHistory, status: RunStatus, differences: Sequence[str]) -> None:
    """Call the curves of a run what the run is called: its name, or what tells it from others."""
    net, *options = net_words(status.net)
    end = status.run[-ID_LENGTH:]
    if status.name or status.trouble:
        history.label = history.short_label = status.name or end
    else:
        apart = (*options, *differences)
        history.label = f"{net} {short_data(status.data)} {', '.join(apart[:MOST_TOLD]) or end}"
        history.short_label = f"{net} {apart[0] if apart else end}"
    others = [*options, *(each for each in differences if not each.startswith(SEED))]
    history.words = (*options, *differences, end)
    history.repeat = repeat_of(status)
    history.repeat_label = " ".join([net, short_data(status.data), *others[:MOST_TOLD]])
    history.repeat_short_label = others[0] if others else net


def short_labels(groups: Sequence[Sequence[RunHistory]]) -> list[str]:
    """What curves are called that are drawn together, each of one run or of its seeds.

    Those that would be called the same are called by what the others of them lack.
    """
    labels = [_short_label(group) for group in groups]
    words = [_words(group) for group in groups]
    found = list(labels)
    for label, count in Counter(labels).items():
        if count > 1:
            same = [number for number, each in enumerate(labels) if each == label]
            shared = set.intersection(*(set(words[number]) for number in same))
            for number in same:
                own = next((each for each in words[number] if each not in shared), label)
                found[number] = own if len(groups[number]) > 1 else _after_net(own, label)
    return found


def _short_label(group: Sequence[RunHistory]) -> str:
    return group[0].repeat_short_label if len(group) > 1 else group[0].short_label


def _words(group: Sequence[RunHistory]) -> list[str]:
    """All that tells a run from others, its id last; of several seeds, what they share."""
    words = list(group[0].words)
    return [each for each in words[:-1] if not each.startswith(SEED)] if len(group) > 1 else words


def _after_net(own: str, label: str) -> str:
    return own if own == label else f"{label.split()[0]} {own}"
