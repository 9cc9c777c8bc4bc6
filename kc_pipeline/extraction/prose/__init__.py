"""Prose of a release: stated figures and attributed commentary."""

from kc_pipeline.extraction.prose.read import read_prose

__all__ = ["read_prose"]
