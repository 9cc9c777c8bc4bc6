"""Tools of the project, run as `python -m tools.NAME`; not part of the package."""
