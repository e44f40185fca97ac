"""What has become of a run's data since the run began: files new, missing, changed or moved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cnn_tui.training.store.data_record import FileLists


@dataclass(frozen=True)
class DataChanges:
    """Names of files, and classes ``renamed`` from one name to another.

    ``changed`` files show another image or are of another class now, ``moved`` ones are the
    same in another split.
    """

    new: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return any((self.new, self.missing, self.changed, self.moved, self.renamed))

    def __str__(self) -> str:
        """All of it in a few words."""
        counted = (
            ("new", self.new),
            ("missing", self.missing),
            ("with another image in it", self.changed),
            ("in another split", self.moved),
        )
        classes = [f"the class {old} is called {new} now" for old, new in self.renamed]
        return ", ".join(classes + [_counted(names, what) for what, names in counted if names])


@dataclass(frozen=True)
class _Kept:
    split: str
    kind: str
    digest: str


def data_changes(
    before: FileLists, classes_before: Sequence[str], now: FileLists, classes: Sequence[str]
) -> DataChanges:
    """What is different ``now``; splits are compared only where nothing else has changed.

    (Where the lab splits, one file more deals all others anew.)
    """
    old, new = _by_name(before, classes_before), _by_name(now, classes)
    renamed = dict(_renamed(old, new))
    old = {_in_class(name, renamed): _rename(each, renamed) for name, each in old.items()}
    shared = old.keys() & new.keys()
    changed = [
        name
        for name in shared
        if (old[name].kind, old[name].digest) != (new[name].kind, new[name].digest)
    ]
    found = DataChanges(
        new=tuple(sorted(new.keys() - shared)),
        missing=tuple(sorted(old.keys() - shared)),
        changed=tuple(sorted(changed)),
        renamed=tuple(renamed.items()),
    )
    if found:
        return found
    return DataChanges(moved=tuple(sorted(n for n in shared if old[n].split != new[n].split)))


def in_renamed_class(name: str, changes: DataChanges) -> str:
    """Where the file that was called ``name`` is now, if its class is called otherwise."""
    return _in_class(name, dict(changes.renamed))


def _by_name(lists: FileLists, classes: Sequence[str]) -> dict[str, _Kept]:
    return {
        each.name: _Kept(split, classes[each.label], each.digest)
        for split, files in lists.items()
        for each in files
    }


def _renamed(old: Mapping[str, _Kept], new: Mapping[str, _Kept]) -> Iterator[tuple[str, str]]:
    """Classes that are gone, each with the one that has come and holds the same images."""
    gone, come = _images_of(old), _images_of(new)
    for before in sorted(gone.keys() - come.keys()):
        same = (name for name in sorted(come.keys() - gone.keys()) if come[name] == gone[before])
        after = next(same, None)
        if after is not None:
            yield before, after


def _images_of(files: Mapping[str, _Kept]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for each in files.values():
        found.setdefault(each.kind, set()).add(each.digest)
    return {kind: frozenset(digests) for kind, digests in found.items()}


def _in_class(name: str, renamed: Mapping[str, str]) -> str:
    *folders, file = name.split("/")
    return "/".join([*(renamed.get(each, each) for each in folders), file])


def _rename(kept: _Kept, renamed: Mapping[str, str]) -> _Kept:
    return _Kept(kept.split, renamed.get(kept.kind, kept.kind), kept.digest)


def _counted(names: Sequence[str], what: str) -> str:
    files = "1 file" if len(names) == 1 else f"{len(names):,} files"
    example = f"({names[0]})" if len(names) == 1 else f"(such as {names[0]})"
    return f"{files} {what} {example}"
