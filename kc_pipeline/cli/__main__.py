"""`python -m kc_pipeline.cli` is `kc`."""

from kc_pipeline.cli.main import main

main()
