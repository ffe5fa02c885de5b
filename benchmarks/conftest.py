"""After the benchmarks, say how many times as long each other package takes per draw."""

from __future__ import annotations

from typing import Any


def pytest_terminal_summary(terminalreporter: Any, config: Any) -> None:
    session = getattr(config, "_benchmarksession", None)
    groups: dict[str, dict[str, float]] = {}
    for found in session.benchmarks if session else ():
        if "draws" in found.extra_info:
            seconds = found.extra_info.get("seconds", found.stats.min)
            groups.setdefault(found.group, {})[found.extra_info["who"]] = seconds / found.extra_info["draws"]
    for group, times in groups.items():
        terminalreporter.section(f"{group}: time per draw")
        ours = times.get("lipresearch")
        for who, time in sorted(times.items(), key=lambda pair: pair[1]):
            ratio = f"{time / ours:10,.1f} times lipresearch" if ours else ""
            terminalreporter.write_line(f"{who:28} {1e6 * time:14,.2f} microseconds {ratio}")
