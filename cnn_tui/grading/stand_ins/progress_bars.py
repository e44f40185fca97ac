"""A stand-in for tqdm: its bars yield what they go over, and show nothing.

It also stands in for one that is installed: a report is no terminal, and would
fill with the bar's redrawn lines.
"""

from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Any

from cnn_tui.grading.stand_ins.showing import AcceptingType, StandIn, StandInModule, fill


class ProgressBar(metaclass=AcceptingType):
    """What ``tqdm(iterable)`` gives: it counts along, and accepts what else a bar has."""

    def __init__(
        self, iterable: Iterable[Any] | None = None, desc: Any = None, total: Any = None, **_: Any
    ) -> None:
        self.iterable: Any = iterable
        self.desc = desc
        self.total = len(iterable) if total is None and isinstance(iterable, Sized) else total
        self.n: float = 0

    def __iter__(self) -> Iterator[Any]:
        for item in self.iterable:
            yield item
            self.n += 1

    def __len__(self) -> int:
        if isinstance(self.iterable, Sized):
            return len(self.iterable)
        return int(self.total)

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(self, *_: object) -> None:
        """Let every error pass."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn(part=name)

    def update(self, n: float = 1) -> None:
        """Count along."""
        self.n += n

    def reset(self, total: Any = None) -> None:
        """Count from 0 again."""
        self.n, self.total = 0, total or self.total

    @staticmethod
    def write(s: str, file: Any = None, end: str = "\n", nolock: bool = False) -> None:
        """Print, as a bar does above itself."""
        print(s, file=file, end=end)


def fill_with_bars(module: StandInModule) -> None:
    """Give a module of tqdm all the names that any of them has."""
    fill(module)
    module.__dict__.update(BARS, __all__=list(BARS))


def _trange(*args: int, **kwargs: Any) -> ProgressBar:
    return ProgressBar(range(*args), **kwargs)


def _zip(*iterables: Iterable[Any], **kwargs: Any) -> Iterator[Any]:
    return zip(*iterables, strict=False)


def _enumerate(iterable: Iterable[Any], start: int = 0, **_: Any) -> Iterator[Any]:
    return enumerate(iterable, start)


def _map(function: Callable[..., Any], *iterables: Iterable[Any], **_: Any) -> list[Any]:
    return list(map(function, *iterables))


BARS: dict[str, Any] = {
    **dict.fromkeys(("tqdm", "tqdm_notebook", "tqdm_pandas"), ProgressBar),
    **dict.fromkeys(("trange", "tnrange"), _trange),
    **dict.fromkeys(("tmap", "thread_map", "process_map"), _map),
    "tzip": _zip,
    "tenumerate": _enumerate,
}
