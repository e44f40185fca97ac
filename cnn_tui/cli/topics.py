"""``cnn-lab topics`` and ``cnn-lab demo``: read the chapter, and run its examples."""

from collections.abc import Sequence
from typing import Annotated

import typer

from cnn_tui.cli.options import JsonOption
from cnn_tui.errors import UsageError


def topics(
    slug: Annotated[
        str | None, typer.Argument(help="The topic to read; all are listed without it.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """List the chapter's topics, or read one."""
    if slug is None:
        _list_topics(json)
    else:
        _show_topic(slug, json)


def demo(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="The demo to run; all are listed without it.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Run a demo of the chapter; set its parameters with --NAME VALUE."""
    if name is None:
        _list_demos(json)
    else:
        _run_demo(name, context.args, json)


def _list_topics(json: bool) -> None:
    from cnn_tui.chapter import catalogue
    from cnn_tui.render.draw.console import print_json, stdout

    pages = catalogue.topics()
    if json:
        fields = ("slug", "title", "section", "demos", "exercises", "nets", "sources")
        print_json([{name: getattr(page, name) for name in fields} for page in pages])
    else:
        from cnn_tui.render.pages.topic import topic_tree

        stdout().print(topic_tree(pages))


def _show_topic(slug: str, json: bool) -> None:
    from dataclasses import asdict

    from cnn_tui.chapter import catalogue
    from cnn_tui.render.draw.console import print_json, stdout
    from cnn_tui.render.pages.topic import topic_markdown, topic_page

    page = catalogue.topic(slug)
    out = stdout()
    if json:
        print_json(asdict(page))
    elif out.is_terminal:
        out.print(topic_page(page))
    else:
        print(topic_markdown(page, plain=out.options.ascii_only))


def _list_demos(json: bool) -> None:
    from dataclasses import asdict

    from cnn_tui.chapter import catalogue
    from cnn_tui.render.draw.console import print_json, stdout

    if json:
        print_json([asdict(each) for each in catalogue.demos()])
    else:
        from cnn_tui.render.pages.demo import demo_list

        stdout().print(demo_list(catalogue.demos()))


def _run_demo(name: str, words: Sequence[str], json: bool) -> None:
    if name.startswith("-"):
        raise UsageError(f"Name the demo before its parameters: cnn-lab demo NAME {name} VALUE")
    from cnn_tui.chapter.run import parse_parameters, run_demo
    from cnn_tui.render.draw.console import print_json, stdout

    result = run_demo(name, **parse_parameters(words))
    if json:
        print_json(result.to_json())
    else:
        from cnn_tui.render.pages.demo import demo_blocks

        stdout().print(demo_blocks(result))
