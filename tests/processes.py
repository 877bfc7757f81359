"""Runs Python in a process of its own, for what one process cannot show: imports, exit codes, other installations."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PATIENCE_S = 150


def python(*arguments: str, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``python *arguments`` in ``folder`` with no input; return what it printed and its exit code."""
    options: dict[str, Any] = {"cwd": folder, "env": os.environ | environment, "stdin": subprocess.DEVNULL}
    options |= {"capture_output": True, "text": True, "encoding": "utf-8", "timeout": PATIENCE_S}
    return subprocess.run([sys.executable, *arguments], check=False, **options)
