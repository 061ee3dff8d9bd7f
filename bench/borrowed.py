"""What the acceptance tests have and the benchmarks need too: the simulator as a process, and the rule of the receipts."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

sys.path.append(str(ROOT / "tests" / "acceptance"))

from receipts import assert_receipts_cover  # noqa: E402
from simulator_control import Simulator  # noqa: E402

__all__ = ["ROOT", "Simulator", "assert_receipts_cover"]
