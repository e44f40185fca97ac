"""``python -m cnn_tui.training.worker RUN``: the name by which scripts start a run's process."""

from cnn_tui.training.process.worker import run_as_program

if __name__ == "__main__":
    run_as_program()
