"""The detectors: each file holds one, as SQL over all companies, all rules of its kind and all periods at once.

A detector reads three relations:

* `cases`: case_id, detector, metric, judged, level, partner, period_type, lag, direction (-1, 0, 1), least, floor,
  each_time, earliest, opposite;
* `series`: company, kpi, period_type, position (a number that counts periods), period_end, value, low, high, unit,
  known_at, remark, evidence, stated_value, computed_value;
* `tracks`: company, kpi, period_type, track: the whole series as a list of {p: position, v: value, k: known_at}.

and returns one row for each period that it could judge: case_id, company, position, base_position, observed,
expected, deviation, low, high (interval of the deviation), size (what the thresholds are held against), sure (larger
than its own uncertainty), enough (enough history), known_at; and where they apply before (the size one period earlier,
for limits), run (length of a run), partner_value, middle and spread (of its own history), holds (what was
found before still holds, though it is not found anew).

What is judged may use what was known by then only: earlier values with `k <= known_at`. A detector is one module with
`DETECTOR`; a rule of its kind is data.
"""

import pkgutil
from importlib import import_module

from kc_pipeline.anomalies.detectors.shape import Detector


def _found() -> dict[str, Detector]:
    out = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        detector = getattr(import_module(f"{__name__}.{module}"), "DETECTOR", None)
        if detector is not None:
            out[module] = detector
    return out


DETECTORS: dict[str, Detector] = _found()

__all__ = ["DETECTORS", "Detector"]
