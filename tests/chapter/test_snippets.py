"""The code in the topics: what it is read as, and that it is the program that a page shows."""

from cnn_tui.chapter.catalogue import Topic
from cnn_tui.chapter.snippets import program, snippets


def page(text: str) -> Topic:
    return Topic("made-up", "Made up", "Pooling", 1, (), (), (), (), text)


def test_joins_the_python_of_a_page_in_its_order() -> None:
    made_up = page(
        "First.\n\n```python\nimport math\n```\n```narrow\nimport\n```\n\n"
        "```\n a ──► b\n```\n\n## More\n\n```python\nprint(math.pi)\n```\n"
    )
    assert snippets(made_up) == ("import math\n", "print(math.pi)\n")
    names: dict[str, object] = {}
    exec(program(made_up), names)
    assert str(names["__doc__"]).startswith('The code of the topic "Made up" (made-up)')


def test_has_no_program_for_a_page_without_code() -> None:
    assert program(page("Words, and a diagram:\n\n```\n a ──► b\n```\n")) == ""


def test_leaves_quotes_of_the_labs_own_code_out_of_the_program() -> None:
    made_up = page("A quote:\n\n```excerpt\nsession.step()\n```\n\n```python\nx = 1\n```\n")
    assert snippets(made_up) == ("x = 1\n",)
    assert "session" not in program(made_up)
