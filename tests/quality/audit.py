"""Known weaknesses of the locked packages, as pip-audit finds them: what ``nox -s audit`` runs.

pip-audit says "No known vulnerabilities found" also where the service knows none of the packages. Here that is no
answer: the record says how many were looked up, and the exit code is 75 (try again) where none was.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from .records import ROOT, write

UNREACHED = 75


def judged(code: int, printed: str, error: str) -> dict[str, Any]:
    """Return the record for what pip-audit printed."""
    try:
        packages = json.loads(printed)["dependencies"]
    except (json.JSONDecodeError, KeyError, TypeError):
        last = (error.strip().splitlines() or [f"exit code {code}"])[-1]
        return {"reached": False, "reason": f"pip-audit gave no answer: {last[:200]}", "weaknesses": []}
    looked_up = [one for one in packages if "skip_reason" not in one]
    weaknesses = [
        f"{one['name']} {one['version']}: {', '.join(sorted(weak['id'] for weak in one['vulns']))}"
        for one in looked_up
        if one["vulns"]
    ]
    record = {"reached": bool(looked_up), "looked_up": len(looked_up), "packages": len(packages)}
    reason = (
        "" if looked_up else f"the service knows none of the {len(packages)} packages: {packages[0]['skip_reason']}"
    )
    return {**record, "reason": reason, "weaknesses": weaknesses}


def main() -> None:
    """Ask, write the record; exit code 1 for weaknesses, 75 where no package could be looked up."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--progress-spinner", "off"),
            *("--format", "json", "-r", "requirements.lock"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    record = judged(done.returncode, done.stdout, done.stderr)
    write("audit.json", record)
    if not record["reached"]:
        print(f"audit: not done, {record['reason']}")
        sys.exit(UNREACHED)
    print(f"audit: {record['looked_up']} of {record['packages']} packages looked up")
    if record["weaknesses"]:
        sys.exit("\n".join(record["weaknesses"]))


if __name__ == "__main__":
    main()
