"""What a look at live data found, as a record for programs and as a page for people."""

from collections.abc import Iterator, Mapping

import msgspec

from poorwill.errors import PoorwillError
from poorwill.pipeline.evaluation_report import TONES, limits
from poorwill.pipeline.live_drift import VersionDrift
from poorwill.pipeline.page import Html, folded, page, paragraph, section, toned
from poorwill.pipeline.profile import Profile
from poorwill.pipeline.seen import Seen
from poorwill.pipeline.validation_report import columns, listed
from poorwill.pipeline.verdict import Word

_VERDICTS: Mapping[Word, str] = {
    "pass": "What the versions see and answer is what they were made from",
    "fail": "What a version sees or answers has drifted from what it was made from",
    "inconclusive": "Too few predictions were sampled to tell",
}


class DriftReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of a model's versions in a window of time; written once for each event that asks."""

    format: int = 1
    pipeline: str
    model: str
    until: str  # RFC 3339
    hours: float
    confidence_percent: float
    versions: tuple[VersionDrift, ...]

    @property
    def verdict(self) -> Word:
        """Return fail where one version has drifted, pass where one has not, else inconclusive."""
        words = {drift.verdict for drift in self.versions}
        return "fail" if "fail" in words else "pass" if "pass" in words else "inconclusive"


class DriftedError(PoorwillError):
    """Live data that has drifted from what a version was made from."""

    kind, title, status, exit_code = "drifted", "The data has drifted", 422, 65


Looked = tuple[VersionDrift, Profile, Mapping[str, Seen]]
"""A version, its reference, and what was seen of its columns."""


def drift_page(report: DriftReport, looked: list[Looked]) -> bytes:
    """Return the report as one HTML file, a version after the other."""
    facts = {
        "Pipeline": report.pipeline,
        "Model": report.model,
        "Window": f"{report.hours:g} h until {report.until}",
        "Predictions": f"{sum(drift.rows for drift in report.versions):,} sampled",
    }
    title = f"Drift of {report.model}"
    return page(title, _VERDICTS[report.verdict], TONES[report.verdict], facts, _sections(report, looked))


def _sections(report: DriftReport, looked: list[Looked]) -> Iterator[Html]:
    references = {drift.version: (profile, seen) for drift, profile, seen in looked}
    for drift in report.versions:
        told = f"{drift.rows:,} predictions beside {drift.reference_rows:,} rows of the reference"
        parts = [toned(drift.verdict, TONES[drift.verdict]), paragraph(f"{told}. {drift.note}".rstrip())]
        if drift.limits:
            parts.append(paragraph(f"Of {drift.truths:,} predictions feedback says what is true:"))
            parts.extend(limits(drift.limits, report.confidence_percent))
        if drift.version in references:
            profile, seen = references[drift.version]
            parts.append(paragraph(f"In the row of {profile.target} stand the answers."))
            parts.extend(columns(profile, seen, drift.checks))
        if failed := [check for check in drift.checks if not check.passed]:
            parts.append(folded(f"{len(failed)} checks that failed", listed(failed)))
        yield section(f"{report.model}@{drift.version}", *parts)
