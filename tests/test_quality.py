"""What tools can judge about the code: ``config/quality``, gate by gate."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

QUALITY = Path(__file__).resolve().parents[1] / "config" / "quality"


@pytest.mark.parametrize("gate", ["ruff", "pylint", "hooks", "eslint"])
def test_nothing_is_found(gate):
    if gate == "eslint" and not shutil.which("npm"):
        pytest.skip("eslint needs npm, which the product itself does not")
    env = {k: v for k, v in os.environ.items() if k not in ("ODOO_RC", "PYTHONPATH")}
    done = subprocess.run(
        [QUALITY, gate], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
