"""Prose of a release: stated figures and attributed commentary."""

from kc_pipeline.extraction.prose.read import MOST_FIGURES, read_prose

__all__ = ["MOST_FIGURES", "read_prose"]
