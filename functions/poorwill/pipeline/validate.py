"""The step that holds data against what a reference looked like; what fails stops the run, with a report to read."""

from functools import reduce
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, ClassVar, cast

import msgspec

from poorwill import __version__
from poorwill.errors import ConflictError, Fault, NotFoundError, UnavailableError
from poorwill.pipeline.artifacts import given
from poorwill.pipeline.data import data_decided_by, data_name, ingest_of, learn_file, open_data
from poorwill.pipeline.expectations import Check, Expected, checks
from poorwill.pipeline.keys import first_profile_key
from poorwill.pipeline.profile import Profile, learn, profile_json, read_profile
from poorwill.pipeline.seen import Seen, see, together
from poorwill.pipeline.spec import Validate
from poorwill.pipeline.step import Made, Outcome, StepFailedError, Work
from poorwill.pipeline.table import Table, shown
from poorwill.pipeline.validation_report import Report, report_page

_MOST_FAULTS = 20


class ValidateStep:
    """Holds a run's data against a profile: a file's, a reference's, or that of the first data that came."""

    name: ClassVar[str] = "validate"

    def decided_by(self, work: Work) -> dict[str, Any]:
        """Return the data, the profile or what it is learnt from, and the limits."""
        step = _spec(work)
        named = step.profile or step.reference
        return {
            **data_decided_by(work),
            "reference": _digest(work.folder / named) if named else sha256(_first(work)).hexdigest(),
            "limits": msgspec.to_builtins(step.limits),
            "poorwill": __version__,
        }

    def run(self, work: Work) -> Outcome:
        """Check, and report; raise StepFailedError, with the report, where a check fails."""
        table = open_data(work)
        now = learn(table)
        profile, reference = _reference(work, now)
        work.progress(f"{table.rows:,} rows beside {reference}")
        table = _as_in(profile, table)
        seen: dict[str, Seen] = reduce(together, (see(profile, batch.columns) for batch in table.batches()), {})
        found = checks(Expected(profile, _spec(work).limits), table, seen)
        failed = [check for check in found if not check.passed]
        report = Report(
            pipeline=work.spec.pipeline,
            data=data_name(work),
            digest=given(work, "ingest").digest,
            rows=table.rows,
            reference=reference,
            reference_rows=profile.rows,
            passed=not failed,
            checks=found,
        )
        made = _made(work, report, report_page(report, profile, seen), now)
        facts = {"rows": table.rows, "checks": len(found), "failed": len(failed), "reference": reference}
        if failed:
            raise StepFailedError(*_faults(work, failed), artifacts=made, facts=facts)
        return Outcome(made, facts)


def _spec(work: Work) -> Validate:
    return cast("Validate", work.step)


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()


def _reference(work: Work, now: Profile) -> tuple[Profile, str]:
    """Return the profile that data is held against, and what people call it."""
    step = _spec(work)
    if step.profile:
        profile, name = read_profile((work.folder / step.profile).read_bytes(), step.profile), step.profile
    elif step.reference:
        profile, name = learn_file(work.spec, work.folder / step.reference), step.reference
    else:
        profile, name = _kept_first(work, now.rows), "the first data that came"
    target = ingest_of(work.spec).target
    if profile.target != target:
        advice = "learn it again: `poorwill pipeline learn`"
        raise StepFailedError(Fault(name, f"a profile with the target {shown(target)}", "another target", advice))
    return profile, name


def _kept_first(work: Work, rows: int) -> Profile:
    """Return the profile of the pipeline's first data, and keep it: this data's own if it is first, and enough of it.

    Raises:
        UnavailableError: other data was first since the key was made.
    """
    document, kept = _first(work), _found_first(work)
    if kept is None and rows >= _spec(work).limits.rows:
        try:
            work.store.put_if_absent(first_profile_key(work.spec.pipeline), document)
        except ConflictError:
            kept = _found_first(work)
    if kept not in {None, document}:
        found = "other data, that came meanwhile"
        raise UnavailableError(Fault("the first data", "this, or what was there before", found, "it is tried again"))
    return read_profile(document, "the first data's profile")


def _first(work: Work) -> bytes:
    """Return what the first data looked like, which may be this; the same for the key and for the work."""
    path = work.scratch / "first.json"
    if not path.exists():
        path.write_bytes(_found_first(work) or profile_json(learn(open_data(work))))
    return path.read_bytes()


def _found_first(work: Work) -> bytes | None:
    try:
        return work.store.get(first_profile_key(work.spec.pipeline)).data
    except NotFoundError:
        return None


def _as_in(profile: Profile, table: Table) -> Table:
    """Return the table with columns read as text that were text in the reference: codes that are numbers by chance."""
    if table.source.layout.format == "npy":
        return table
    text = {column.name for column in profile.columns if column.kind == "text"}
    columns = (column._replace(kind="text") if column.name in text else column for column in table.columns)
    return table._replace(columns=tuple(columns))


def _made(work: Work, report: Report, page: bytes, now: Profile) -> tuple[Made, ...]:
    """Write the report twice, for programs and for people, and what this data looks like."""
    written = []
    encoded = msgspec.json.format(msgspec.json.encode(report), indent=1)
    for suffix, content, media_type in (
        ("", encoded, "application/json"),
        (".html", page, "text/html"),
        (".profile", profile_json(now), "application/json"),
    ):
        path = work.scratch / f"validation{suffix}"
        path.write_bytes(content)
        written.append(Made(f"{work.step.gives}{suffix}", path, media_type))
    return tuple(written)


def _faults(work: Work, failed: list[Check]) -> list[Fault]:
    advice = "read the report: `poorwill run show RUN`"
    return [
        Fault(
            f"{data_name(work)}, column {shown(check.column)}" if check.column else data_name(work),
            check.wanted,
            check.found,
            advice,
        )
        for check in failed[:_MOST_FAULTS]
    ]
