"""What each color of a theme is for: variables of the stylesheets, and looks of drawn text."""

from dataclasses import dataclass, fields

from cnn_tui.render.draw import heat, styles

NO_COLORS = ("curves", "heat", "is_ansi", "is_dark")
"""Roles that are no single color."""


@dataclass(frozen=True)
class Roles:
    """What each color is for, as CSS colors; ``curves`` are train, validation, third, fourth.

    ``heat`` goes from the panel to one hue; where it is not given, to the accent.
    """

    ground: str
    panel: str
    selected: str
    strong: str
    text: str
    quiet: str
    frame: str
    accent: str
    passed: str
    warning: str
    failed: str
    curves: tuple[str, str, str, str]
    heat: tuple[str, ...] = ()
    is_ansi: bool = False
    is_dark: bool = True

    def css(self) -> dict[str, str]:
        """The variables of the lab's stylesheets, and Textual's own in the lab's roles."""
        plain = [each.name for each in fields(self) if each.name not in NO_COLORS]
        variables = {f"lab-{name}": str(getattr(self, name)) for name in plain}
        variables |= {f"lab-curve-{place}": each for place, each in enumerate(self.curves, 1)}
        if self.is_ansi:
            bars = {f"scrollbar{state}": self.accent for state in ("-hover", "-active")}
            for state in ("", "-hover", "-active"):
                bars[f"scrollbar-background{state}"] = self.panel
            return variables | {"border": self.accent, "scrollbar": self.frame} | bars
        return variables | {
            "background": self.ground,
            "surface": self.panel,
            "panel": self.panel,
            "foreground": self.text,
            "text": self.text,
            "text-muted": self.quiet,
            "text-disabled": self.quiet,
            "text-error": self.failed,
            "text-warning": self.warning,
            "text-success": self.passed,
            "border": self.accent,
            "border-blurred": self.frame,
            "block-cursor-background": self.selected,
            "block-cursor-foreground": self.strong,
            "block-cursor-text-style": "none",
            "block-cursor-blurred-background": self.selected,
            "block-cursor-blurred-foreground": self.text,
            "block-hover-background": self.selected,
            "input-selection-background": self.selected,
            "scrollbar": self.quiet,
            "scrollbar-hover": self.accent,
            "scrollbar-active": self.accent,
            "scrollbar-background": self.panel,
            "scrollbar-background-hover": self.panel,
            "scrollbar-background-active": self.panel,
            "scrollbar-corner-color": self.panel,
        }

    def rich(self) -> dict[str, str]:
        """The looks of the styles that everything drawn names."""
        if self.is_ansi:
            return _ansi_looks(self)
        return {
            styles.STRONG: f"bold {self.strong}",
            styles.QUIET: self.quiet,
            styles.ACCENT: self.accent,
            styles.PASSED: self.passed,
            styles.WARNING: self.warning,
            styles.FAILED: self.failed,
            styles.PASSED_STRONG: f"bold {self.passed}",
            styles.FAILED_STRONG: f"bold {self.failed}",
            styles.FRAME: self.frame,
            styles.TITLE: f"bold {self.strong}",
            styles.SELECTED: f"on {self.selected}",
            styles.CURSOR: "reverse underline",
            styles.CODE: self.curves[3],
            **dict(zip(styles.CURVES, self.curves, strict=True)),
            **heat.heat_looks(self.heat or heat.blended(self.panel, self.accent)),
        }


def _ansi_looks(roles: Roles) -> dict[str, str]:
    """In the user's own 16 colors: weight and reverse carry what shades cannot."""
    rich = {
        each: getattr(roles, each).removeprefix("ansi_")
        for each in ("accent", "passed", "warning", "failed", "frame")
    }
    return {
        styles.STRONG: "bold",
        styles.QUIET: "dim",
        styles.ACCENT: rich["accent"],
        styles.PASSED: rich["passed"],
        styles.WARNING: rich["warning"],
        styles.FAILED: rich["failed"],
        styles.PASSED_STRONG: f"bold {rich['passed']}",
        styles.FAILED_STRONG: f"bold {rich['failed']}",
        styles.FRAME: "dim",
        styles.TITLE: "bold",
        styles.SELECTED: "reverse",
        styles.CURSOR: "not reverse underline",
        styles.CODE: "bold",
        **{
            name: color.removeprefix("ansi_")
            for name, color in zip(styles.CURVES, roles.curves, strict=True)
        },
        **heat.few_heat_looks(is_dark=roles.is_dark),
    }
