"""Run a plan given as JSON with the code on the path: exit code 3 when it breaks an invariant."""

import json
import sys
import tempfile
from pathlib import Path

from distal.sim.plan import FaultPlan
from distal.sim.run import run

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        problems = run(FaultPlan.from_json(sys.argv[1]), Path(folder)).problems
    print(json.dumps(problems))
    sys.exit(3 if problems else 0)
