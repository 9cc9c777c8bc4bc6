"""Dagster's webserver behind the guard: `python -m kc_pipeline.orchestration.webserver HOSTS ARGUMENTS...`.

HOSTS are names besides localhost and addresses, with commas between (may be empty); ARGUMENTS are those of
`dagster-webserver`.
"""

import sys
from typing import Any

from dagster_webserver.cli import dagster_webserver
from dagster_webserver.webserver import DagsterWebserver
from starlette.middleware import Middleware

from kc_pipeline.orchestration.guard import Guard


def put_guard_before(hosts: list[str]) -> None:
    """Make every webserver of this process answer through the guard."""
    own = DagsterWebserver.build_middleware

    def guarded(self: DagsterWebserver[Any, Any]) -> list[Middleware]:
        return [Middleware(Guard, hosts=hosts), *own(self)]

    DagsterWebserver.build_middleware = guarded  # type: ignore[method-assign]


def main() -> None:
    """Serve until told to end."""
    hosts, *arguments = sys.argv[1:]
    put_guard_before([h for h in hosts.split(",") if h])
    dagster_webserver(arguments, prog_name="dagster-webserver")


if __name__ == "__main__":
    main()
