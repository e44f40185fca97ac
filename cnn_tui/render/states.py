"""The marks of run states and of exercises, the same wherever they are shown."""

STATE_MARKS: dict[str, tuple[str, str]] = {
    "running": ("▶", "green"),
    "finished": ("✓", "cyan"),
    "stopped": ("■", "yellow"),
    "failed": ("✗", "red"),
    "interrupted": ("!", "red"),
}
"""Run state → its mark and its style."""
