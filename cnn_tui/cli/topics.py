"""``cnn-lab topics``: read the chapter, get at its code, look up its terms."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnn_tui.cli.options import WorkspaceOption, json_option
from cnn_tui.errors import UsageError

if TYPE_CHECKING:
    from cnn_tui.chapter.catalogue import Topic


def topics(
    slug: Annotated[
        str | None,
        typer.Argument(
            help="The topic to read, or with --glossary the term; all are listed without it."
        ),
    ] = None,
    words: Annotated[
        str | None,
        typer.Option(
            "--search",
            metavar="WORD",
            help="List the topics with this word, or with all of several in quotes, and where "
            "they have it. Case and accents do not matter.",
            show_default=False,
        ),
    ] = None,
    read: Annotated[
        bool | None,
        typer.Option(
            "--read/--unread",
            help="Mark the topic as read, or as not read, instead of printing it.",
            show_default=False,
        ),
    ] = None,
    code: Annotated[
        bool, typer.Option("--code", help="Print the topic's code alone: a program that runs.")
    ] = False,
    scratch: Annotated[
        bool,
        typer.Option(
            "--scratch",
            help="Write the topic's code to scratch/SLUG.py in the workspace, to change and to "
            "run; a file that is there is kept.",
        ),
    ] = False,
    glossary: Annotated[
        bool,
        typer.Option(
            "--glossary",
            help="Say what the chapter's terms mean, or the one named, and which topic teaches it.",
        ),
    ] = False,
    json: Annotated[
        bool,
        json_option(
            "a list of slug, title, section, goal, before, minutes, demos, exercises, nets, see, "
            "sources, read",
            "with --search: also matches (heading, excerpt, in_answer)",
            "with SLUG: slug, title, section, goal, before, minutes, demos, exercises, nets, see, "
            "sources, read, text, snippets",
            "with --code: slug, snippets, code",
            "with --scratch: slug, path, state",
            "with --glossary: a list of name, also, text, topic",
        ),
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """List the chapter's topics, search them, read one, get at its code, or look up a term.

    A check mark stands behind a topic that was read. Exit code 0 also where a
    search finds nothing.
    """
    wanted = {"--code": code, "--scratch": scratch}
    if glossary:
        _refuse_beside_glossary(words, read, [each for each in wanted if wanted[each]])
        _explain(slug, json)
        return
    if any(wanted.values()):
        _refuse_beside_code([each for each in wanted if wanted[each]], slug, words, read)
    _refuse_mixed(slug, words, read)
    if slug is not None and code:
        _show_code(slug, json)
    elif slug is not None and scratch:
        _write_scratch(slug, json, workspace)
    elif words is not None:
        _search(words, _marks(workspace), json)
    elif slug is None:
        _list_topics(_marks(workspace), json)
    elif read is None:
        _show_topic(slug, _marks(workspace), json)
    else:
        _mark(slug, read, json, workspace)


def _refuse_mixed(slug: str | None, words: str | None, read: bool | None) -> None:
    """Refuse options that ask for different things."""
    if words is None:
        if read is not None and slug is None:
            raise UsageError(
                "--read and --unread mark a topic: name it, cnn-lab topics SLUG --read."
            )
        return
    if read is not None:
        raise UsageError("--search marks nothing: give it without --read and --unread.")
    if slug is not None:
        raise UsageError(
            f"--search looks through all topics: leave out {slug}, or if it is one of the words, "
            f'quote them: --search "{words} {slug}".'
        )


def _refuse_beside_code(
    wanted: Sequence[str], slug: str | None, words: str | None, read: bool | None
) -> None:
    """Refuse what has nothing to do with the code of one topic."""
    first = wanted[0]
    if len(wanted) > 1:
        raise UsageError("--code prints the code and --scratch writes it: leave out one of them.")
    if words is not None or read is not None:
        other = "--search" if words is not None else "--read and --unread"
        raise UsageError(f"{first} takes the code of one topic: give it without {other}.")
    if slug is None:
        raise UsageError(f"{first} takes the code of one topic: cnn-lab topics SLUG {first}.")


def _refuse_beside_glossary(words: str | None, read: bool | None, wanted: Sequence[str]) -> None:
    given = ["--search"] * (words is not None) + ["--read and --unread"] * (read is not None)
    for option in (*given, *wanted):
        raise UsageError(f"--glossary explains terms and takes no {option}: leave one of them out.")


def _explain(name: str | None, json: bool) -> None:
    """Print one term of the glossary, or all of them."""
    from dataclasses import asdict

    from cnn_tui.chapter import glossary
    from cnn_tui.render.draw.console import print_json, stdout

    terms = glossary.glossary() if name is None else (glossary.term(name),)
    if json:
        print_json(list(map(asdict, terms)))
    else:
        from cnn_tui.render.pages.glossary import glossary_page

        stdout().print(glossary_page(terms))


def _list_topics(marks: Collection[str], json: bool) -> None:
    from cnn_tui.chapter import catalogue
    from cnn_tui.render.draw.console import print_json, stdout

    pages = catalogue.topics()
    if json:
        print_json([_fields(page, marks) for page in pages])
    else:
        from cnn_tui.render.pages.topic import topic_tree

        stdout().print(topic_tree(pages, marks))


def _search(words: str, marks: Collection[str], json: bool) -> None:
    from dataclasses import asdict

    from cnn_tui.chapter.search import is_too_short, search_topics
    from cnn_tui.render.draw.console import print_json, stderr, stdout

    if is_too_short(words):
        raise UsageError(
            "--search takes two characters or more, such as: cnn-lab topics --search pooling."
        )
    found = search_topics(words)
    if json:
        print_json(
            [
                {**_fields(each.topic, marks), "matches": list(map(asdict, each.matches))}
                for each in found
            ]
        )
    elif found:
        from cnn_tui.render.pages.search import search_page

        stdout().print(search_page(found, words))
    else:
        stderr().print(
            f"No topic has “{words}”: try fewer or shorter words, or list every topic with "
            "cnn-lab topics.",
            soft_wrap=True,
            markup=False,
        )


def _mark(slug: str, read: bool, json: bool, workspace: Path | None) -> None:
    from cnn_tui.chapter import catalogue, reading
    from cnn_tui.render.draw.console import stderr
    from cnn_tui.workspace import find

    page, space = catalogue.topic(slug), find(workspace)
    marks = reading.remember(space, reading.load(space).last, {page.slug: read}).read
    if json:
        _show_topic(page.slug, marks, json)
    else:
        state = "read" if read else "not read"
        stderr().print(f"{page.slug} is marked as {state}.", soft_wrap=True)


def _show_code(slug: str, json: bool) -> None:
    from cnn_tui.chapter import catalogue
    from cnn_tui.chapter.scratch import code_of
    from cnn_tui.chapter.snippets import snippets
    from cnn_tui.render.draw.console import print_json, stdout

    page = catalogue.topic(slug)
    code, out = code_of(page), stdout()
    if json:
        print_json({"slug": page.slug, "snippets": snippets(page), "code": code})
    elif out.is_terminal:
        from cnn_tui.render.draw.code import python_code

        out.print(python_code(code.rstrip("\n")), soft_wrap=True)
    else:
        print(code, end="")


def _write_scratch(slug: str, json: bool, workspace: Path | None) -> None:
    from cnn_tui.chapter import catalogue
    from cnn_tui.chapter.scratch import scratch_file
    from cnn_tui.render.draw.console import print_json, stderr
    from cnn_tui.workspace import find

    page = catalogue.topic(slug)
    file = scratch_file(find(workspace), page)
    if json:
        print_json({"slug": page.slug, "path": str(file.path), "state": file.state.value})
    else:
        stderr().print(file.sentence(str(file.path)), soft_wrap=True, markup=False)


def _marks(workspace: Path | None) -> Collection[str]:
    """The slugs of the topics that were read; none where there is no workspace."""
    from cnn_tui.chapter.reading import load
    from cnn_tui.workspace import find

    try:
        return load(find(workspace)).read
    except UsageError:
        if workspace is not None:
            raise
        return ()


def _fields(page: "Topic", marks: Collection[str]) -> dict[str, Any]:
    """What the lists say of a topic as JSON."""
    from cnn_tui.chapter.page import reading_minutes

    names = ("slug", "title", "section", "goal", "before", "demos", "exercises", "nets", "sources")
    fields = {name: getattr(page, name) for name in (*names, "see")}
    return fields | {"minutes": reading_minutes(page), "read": page.slug in marks}


def _show_topic(slug: str, marks: Collection[str], json: bool) -> None:
    from cnn_tui.chapter import catalogue
    from cnn_tui.chapter.snippets import snippets
    from cnn_tui.render.draw.console import print_json, stdout
    from cnn_tui.render.pages.topic import topic_markdown, topic_page

    page = catalogue.topic(slug)
    out = stdout()
    if json:
        more = {"order": page.order, "text": page.text, "snippets": snippets(page)}
        print_json(_fields(page, marks) | more)
    elif out.is_terminal:
        out.print(topic_page(page))
    else:
        print(topic_markdown(page, plain=out.options.ascii_only))
