"""Runs the webserver (behind the guard) and the daemon, as `dagster dev` does, until one ends or Ctrl-C."""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

_PATIENCE = 15  # seconds that a service may take to end


def serve(host: str, port: int, workspace: Sequence[str], hosts: Sequence[str] = ()) -> int:
    """Serve the UI; return the exit status of the service that ended by itself, 0 after Ctrl-C or SIGTERM.

    Args:
        host: address to listen on
        port: port to listen on
        workspace: arguments that name the workspace to both services
        hosts: names under which the UI may be opened, besides localhost and addresses
    """
    webserver = [sys.executable, "-m", "kc_pipeline.orchestration.webserver", ",".join(hosts)]
    webserver += ["--host", host, "--port", str(port), *workspace]
    daemon = [sys.executable, "-m", "dagster._daemon", "run", *workspace]
    signal.signal(signal.SIGTERM, _end)
    running = [subprocess.Popen(command) for command in (webserver, daemon)]
    try:
        while all(p.poll() is None for p in running):
            time.sleep(0.5)
        return next(code for code in (p.poll() for p in running) if code is not None) or 1
    except KeyboardInterrupt:
        return 0
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _end(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
