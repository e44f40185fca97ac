"""The answers that need no torch, and so no process that has loaded it.

Rooms are imported when an answer is asked for.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cnn_tui.errors import LabError, LabFault

if TYPE_CHECKING:
    from cnn_tui.analysis.gradients.records import GradientFlow
    from cnn_tui.analysis.networks.input_specs import NetInputs
    from cnn_tui.analysis.networks.records import NetSummary
    from cnn_tui.analysis.pooling.named_inputs import InputMap
    from cnn_tui.analysis.pooling.records import PoolResult, PoolSettings
    from cnn_tui.analysis.records import NumberGrid
    from cnn_tui.chapter.records import DemoResult


def at_once(job: str, arguments: Mapping[str, Any]) -> Any | None:
    """What takes milliseconds; None where it takes longer. Raises LabError as the job does."""
    return _answer(AT_ONCE, job, arguments)


def on_a_thread(job: str, arguments: Mapping[str, Any]) -> Any | None:
    """What takes a moment; None where torch is needed. Raises LabError as the job does."""
    return _answer(ON_A_THREAD, job, arguments)


def _answer(
    table: Mapping[str, Callable[..., Any]], job: str, arguments: Mapping[str, Any]
) -> Any | None:
    if job not in table:
        return None
    try:
        return table[job](**arguments)
    except LabError:
        raise
    except Exception as error:
        raise unforeseen(job, error) from error


def unforeseen(job: str, error: Exception) -> LabFault:
    """What a front end shows of an error that nobody expected."""
    return LabFault(f"{job!r} failed: {type(error).__name__}: {error}.")


def _summarize(
    target: str,
    inputs: "NetInputs | None" = None,
    timed: bool = False,
    memory: bool = False,
) -> "NetSummary | None":
    from cnn_tui.analysis.networks.shipped import shipped_summary
    from cnn_tui.nets.specs import parse

    return None if timed else shipped_summary(parse(target), inputs)


def _pool(grid: "NumberGrid", settings: "PoolSettings") -> "PoolResult":
    from cnn_tui.analysis.pooling.operators import pool

    return pool(grid, settings)


def _gradients(depths: tuple[int, ...], **choices: Any) -> "tuple[GradientFlow, ...] | None":
    from cnn_tui.analysis.gradients.shipped import shipped_flow

    return shipped_flow(depths, **choices)


def _demo(name: str, parameters: Mapping[str, Any]) -> "DemoResult | None":
    from cnn_tui.chapter.run import run_without_torch
    from cnn_tui.chapter.shipped import shipped_result

    return shipped_result(name, parameters) or run_without_torch(name, parameters)


def _translate(**asked: Any) -> Any:
    from cnn_tui.analysis.pooling.translation import translation

    return translation(**asked)


def _pool_input(spec: str, **choices: Any) -> "InputMap | None":
    from cnn_tui.analysis.pooling.inputs import needs_engine, resolve_input

    return None if needs_engine(spec) else resolve_input(spec, **choices)


AT_ONCE: dict[str, Callable[..., Any]] = {
    "summarize": _summarize,
    "pool": _pool,
    "gradients": _gradients,
    "demo": _demo,
}
ON_A_THREAD: dict[str, Callable[..., Any]] = {"translate": _translate, "pool_input": _pool_input}
"""Job → what answers it here, or None where it needs torch after all."""
