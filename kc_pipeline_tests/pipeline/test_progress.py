"""Long work says how far it is from its first moment: a bar on a terminal, lines elsewhere."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

import pytest

from kc_pipeline.pipeline import progress
from kc_pipeline_tests.conftest import REPO

WORK = """
import time
from kc_pipeline.pipeline.progress import bar, report
with bar("loading", print):
    time.sleep(1.2)
    for n in range(3):
        report("reading \\x1b[31m", n, 3)
    report("checks")
"""


def test_lines_tell_each_step_and_now_and_then_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    lines: list[str] = []
    with progress.bar("loading", lines.append):
        assert lines == ["loading"]
        for n in range(13):
            progress.report("reading", n, 13)
            now[0] += 1
        progress.report("checks")
        progress.report("checks")
    progress.report("nobody watches")
    assert lines == ["loading", "reading 0 of 13", "reading 5 of 13", "reading 10 of 13", "checks"]


def test_a_terminal_gets_a_bar_whose_clock_goes_on() -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    done = subprocess.run(
        [sys.executable, "-c", WORK], cwd=REPO, stdout=subprocess.PIPE, stderr=theirs, check=True
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65_536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    text = shown.decode()
    assert not done.stdout, "lines are for those without a terminal"
    assert text.index("loading") < text.index("reading")
    assert "[00:01]" in text, "the clock went on while nothing was reported"
    assert "checks" in text
    assert "\x1b[31m" not in text
