"""Finds what is out of the ordinary in a series of figures."""

import re
from collections.abc import AsyncIterator
from statistics import fmean, pstdev

from a2a_fleet.skill import AnswerPart, NeedsInput, SkillRequest

# Of a normal distribution, one value in 370 is farther away than this.
_MOST_DEVIATIONS = 3.0
_FEWEST_VALUES = 4


async def detect_anomalies(request: SkillRequest) -> AsyncIterator[AnswerPart]:
    """Compares each value with the rest of the series, so that an outlier can't hide itself in the average."""
    values = _values_of(request)
    if len(values) < _FEWEST_VALUES:
        raise NeedsInput(f"Which figures? I need at least {_FEWEST_VALUES}, such as: 10 11 9 10 42")
    found = []
    for index, value in enumerate(values):
        rest = values[:index] + values[index + 1 :]
        mean, deviation = fmean(rest), pstdev(rest)
        distance = abs(value - mean) / deviation if deviation > 0 else (0.0 if value == mean else float("inf"))
        if distance > _MOST_DEVIATIONS:
            found.append({"index": index, "value": value, "expected": round(mean, 2)})
            yield f"Value {index + 1}, {value:g}, does not fit: the others are around {mean:.4g} ± {deviation:.2g}.\n"
    yield f"{len(found)} of {len(values)} values are out of the ordinary."
    yield {"anomalies": found}


def _values_of(request: SkillRequest) -> list[float]:
    """From data `{"series": […]}` if there is any, otherwise all numbers of the text."""
    for data in request.data:
        if isinstance(data.get("series"), list):
            return [float(value) for value in data["series"]]
    return [float(number) for number in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]*\w)", request.text)]
