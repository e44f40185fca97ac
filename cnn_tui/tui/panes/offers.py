"""What the commands of a topic do, as links with keys: in the app nobody leaves for the shell."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DEMO, NETWORK, EXERCISE, PANE, TOPIC = "demo", "network", "exercise", "pane", "topic"
"""What a link leads to, before its colon."""
PANE_OF = {NETWORK: "models", EXERCISE: "exercises"}
"""The panes that show what is not in this one."""


@dataclass(frozen=True)
class Target:
    """Where a link leads; ``settings`` are the parameters of a demo, or a key of the pane.

    Such a ``key`` is named by its id in the pane and pressed there; ``of`` is what it acts on.
    """

    kind: str
    name: str
    settings: Mapping[str, str]


@dataclass(frozen=True)
class _Offer:
    """``words`` name what is offered and ``link`` leads there; ``keys`` do the same by hand."""

    words: str
    link: str
    keys: str


def _of_net(key: str) -> str:
    return f"{NETWORK}:{{name}}?key={key}"


NOT_GIVEN: Mapping[str, str] = {"kind": "max", "input": "chapter"}
"""Defaults of the commands."""
OFFERS: Mapping[str, _Offer] = {
    "demo": _Offer("the demo {name}{given}", f"{DEMO}:{{name}}{{query}}", "r"),
    "summary": _Offer("the network {name}", f"{NETWORK}:{{name}}", "2"),
    "nets": _Offer("all networks", f"{PANE}:models", "2"),
    "compare": _Offer("the comparison of {names}", f"{PANE}:models", "2 c"),
    "gradients": _Offer("the gradient by depth", f"{PANE}:models?key=gradients", "2 g"),
    "receptive-field": _Offer("the receptive field of {name}", _of_net("field"), "2 f"),
    "activations": _Offer("the feature maps of {name}", _of_net("activations"), "2 a"),
    "pool": _Offer("the {kind} pooling of the map {input}", f"{PANE}:pooling", "3"),
    "pool --shift": _Offer("the map {input}, shifted", f"{PANE}:pooling?key=shift", "3 t"),
    "pool --backward": _Offer(
        "where the gradient of the map {input} goes", f"{PANE}:pooling?key=backward", "3 b"
    ),
    "train": _Offer("a run of {name}{given}", f"{PANE}:training", "4 n"),
    "curves": _Offer("the curves of a run", f"{PANE}:training", "4"),
    "inspect": _Offer("the inside of a run", f"{PANE}:training?key=microscope", "4 f"),
    "evaluate": _Offer("the test of a run", f"{PANE}:training?key=judge", "4 p"),
    "experiment": _Offer(
        "the experiment {name}", f"{PANE}:training?key=experiments&of={{name}}", "4 e"
    ),
    "predict": _Offer("the predictions of a run", f"{PANE}:training?key=judge", "4 p"),
    "check": _Offer("the checks of exercise {number}", f"{EXERCISE}:{{name}}", "5 c"),
    "hint": _Offer("the next of its three hints", f"{EXERCISE}:{{name}}", "5 h"),
    "solution": _Offer("your file beside the reference", f"{EXERCISE}:{{name}}", "5 d"),
}


def offer(command: str) -> str:
    """The command as a Markdown link with its keys; "" where the app has no keys for it."""
    verb, *rest = shlex.split(command)[1:]
    if verb not in OFFERS:
        return ""
    names, settings = _parsed(rest)
    name = names[0] if names else ""
    given = ", ".join(f"{each.replace('_', ' ')} {value}" for each, value in settings.items())
    fields = {
        **NOT_GIVEN,
        **settings,
        "name": name,
        "names": _listed(names),
        "number": name.removeprefix("exercise"),
        "given": f" with {given}" if given else "",
        "query": "?" + "&".join(f"{each}={value}" for each, value in settings.items()),
    }
    offered = next(
        (OFFERS[f"{verb} --{each}"] for each in settings if f"{verb} --{each}" in OFFERS),
        OFFERS[verb],
    )
    link = offered.link.format_map(fields).removesuffix("?")
    return f"[{offered.words.format_map(fields)}]({link}) (`{offered.keys}`)"


def target(link: str) -> Target:
    """Where ``kind:name?setting=value`` leads."""
    kind, _, rest = link.partition(":")
    name, _, query = rest.partition("?")
    pairs = (each.partition("=") for each in query.split("&") if each)
    return Target(kind, name, {name: value for name, _, value in pairs})


def _parsed(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """What a command names, and its options."""
    names: list[str] = []
    settings: dict[str, str] = {}
    waiting = ""
    for word in words:
        if word.startswith("--"):
            waiting = word[2:].replace("-", "_")
            settings[waiting] = "true"
        elif waiting:
            settings[waiting] = word
            waiting = ""
        else:
            names.append(word)
    return names, settings


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
