"""Which panes there are; each one's module is imported on its first visit."""

from cnn_tui.tui.panes.pane import PaneInfo

PANES: tuple[PaneInfo, ...] = (
    PaneInfo(
        "Topics",
        "Read the chapter and run its demos beside the text.",
        "topics.pane:TopicsPane",
    ),
    PaneInfo(
        "Models",
        "Inspect a network: for each layer its output shape, parameters, "
        "multiply-accumulates (MACs) and receptive field.",
        "models.pane:ModelsPane",
    ),
    PaneInfo(
        "Pooling",
        "See what pooling keeps: walk the window over a map and follow the arithmetic of "
        "each output cell.",
        "pooling.pane:PoolingPane",
    ),
    PaneInfo(
        "Training",
        "Train networks and watch their curves. A run is a process of its own: "
        "it goes on when you leave the lab.",
        "training.pane:TrainingPane",
    ),
    PaneInfo(
        "Exercises",
        "Solve the chapter's exercises in your own editor and check them against hidden tests. "
        "Your file runs in a process of its own, with limits.",
        "exercises.pane:ExercisesPane",
    ),
)
