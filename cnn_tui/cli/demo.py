"""``cnn-lab demo``: run an example of the chapter, or read its code."""

from collections.abc import Sequence
from typing import Annotated

import typer

from cnn_tui.cli.options import json_option
from cnn_tui.errors import UsageError


def demo(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="The demo to run; all are listed without it.")
    ] = None,
    source: Annotated[
        bool, typer.Option("--source", help="Show the code of the demo instead of running it.")
    ] = False,
    json: Annotated[
        bool,
        json_option(
            "a list of name, title, topic, parameters",
            "with NAME: name, title, parameters, figures, blocks, question, choices, answer, "
            "correct",
            "with --source: name, files (title, path, text)",
        ),
    ] = False,
    question: Annotated[
        bool,
        typer.Option(
            "--question/--no-question",
            help="Ask on a terminal, once for each demo, what you expect of it.",
        ),
    ] = True,
    answer: Annotated[
        str | None,
        typer.Option(
            "--answer",
            metavar="X",
            help="Answer the demo's question beforehand: a choice's number, or a number.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Run a demo of the chapter; set its parameters with --NAME VALUE."""
    about_one = ["--answer"] * (answer is not None) + ["--no-question"] * (not question)
    if source:
        _show_demo_source(name, [*context.args, *about_one], json)
    elif name is None and about_one:
        raise UsageError(f"{about_one[0]} is for one demo: cnn-lab demo NAME {about_one[0]}.")
    elif name is None:
        _list_demos(json)
    else:
        _run_demo(name, context.args, json, answer, may_ask=question and not json)


def _list_demos(json: bool) -> None:
    from dataclasses import asdict

    from cnn_tui.chapter import catalogue
    from cnn_tui.render.draw.console import print_json, stdout

    if json:
        print_json([asdict(each) for each in catalogue.demos()])
    else:
        from cnn_tui.render.pages.demo import demo_list

        stdout().print(demo_list(catalogue.demos()))


def _run_demo(
    name: str, words: Sequence[str], json: bool, answer: str | None, *, may_ask: bool
) -> None:
    if name.startswith("-"):
        raise UsageError(f"Name the demo before its parameters: cnn-lab demo NAME {name} VALUE")
    from cnn_tui.chapter.run import parse_parameters, run_demo
    from cnn_tui.cli.prediction import predict
    from cnn_tui.render.draw.console import print_json, stdout

    given = parse_parameters(words)
    predicting = predict(name, given, answer, may_ask=may_ask)
    result = run_demo(name, **given)
    prediction = predicting.compared(result)
    if json:
        print_json(
            {
                **result.to_json(),
                "question": predicting.question and predicting.question.text,
                "choices": predicting.question and predicting.question.choices,
                "answer": prediction and prediction.answer,
                "correct": prediction and prediction.is_right,
            }
        )
        return
    from cnn_tui.render.pages.demo import demo_blocks
    from cnn_tui.render.pages.prediction import compared, earlier

    if prediction is not None:
        stdout().print(compared(prediction))
    elif predicting.earlier is not None:
        stdout().print(earlier(predicting.earlier))
    stdout().print(demo_blocks(result))


def _show_demo_source(name: str | None, words: Sequence[str], json: bool) -> None:
    if name is None:
        raise UsageError("--source shows the code of one demo: cnn-lab demo NAME --source.")
    if words:
        raise UsageError(
            f"--source shows code, which is the same for all parameters: leave {words[0]} out."
        )
    from cnn_tui.chapter.catalogue import demo_info
    from cnn_tui.chapter.source import sources_of_demo
    from cnn_tui.render.draw.console import print_json, stdout

    info = demo_info(name)
    files = sources_of_demo(info)
    if json:
        print_json({"name": info.name, "files": [each.to_json() for each in files]})
    else:
        from cnn_tui.render.networks.source import SourceView

        stdout().print(SourceView(files))
