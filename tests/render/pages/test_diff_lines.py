"""The comparison with the reference, in narrow frames."""

from cnn_tui.render.draw.console import plain_text
from cnn_tui.render.pages.exercise import diff_page


def test_goes_on_with_a_long_line_behind_its_sign() -> None:
    line = "+    return nn.Sequential(*(make_block(channels, skip) for _ in range(depth)))"
    lines = plain_text(diff_page(f"@@ -1 +1 @@\n-    pass\n{line}"), 50).splitlines()
    added = [each for each in lines if each.startswith("+  ")]
    assert len(added) == 2
    assert "".join(each[1:].strip() for each in added).replace(" ", "") == line[1:].replace(" ", "")
    assert lines[-2:] == added
