#!/usr/bin/env bash
# Gradescope runs this once, when it builds the image: Ubuntu 24.04 or later, for Python 3.11.
set -euo pipefail
AUTOGRADER="${AUTOGRADER:-/autograder}"

apt-get update
apt-get install -y bubblewrap python3 python3-venv
python3 -m venv "$AUTOGRADER/venv"
"$AUTOGRADER/venv/bin/python" -m pip install "$AUTOGRADER"/source/*.whl
"$AUTOGRADER/venv/bin/cnn-lab" doctor || true
