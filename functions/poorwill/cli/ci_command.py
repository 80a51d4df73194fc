"""`poorwill ci`: what a CI job runs for a pipeline."""

from pathlib import Path
from typing import Any

import click

from poorwill.cli.delivery_options import Asked, setting_option, with_cluster
from poorwill.cli.token_option import with_token
from poorwill.errors import Fault, NotFoundError
from poorwill.settings import SETTINGS

_IMAGE_AS_EVER = next(setting.row.default for setting in SETTINGS if setting.name == "image")


@click.command()
@click.argument("spec", type=click.Path(path_type=Path))
@click.argument("file", metavar="DATA", type=click.Path(path_type=Path, dir_okay=False))
@setting_option("store", "URL")
@setting_option("data", "URL")
@setting_option("image", "IMAGE")
@click.option(
    "--with", "components", multiple=True, metavar="COMPONENT", help="Of knative/components, over it; may be repeated."
)
@click.option(
    "--url", default="", metavar="URL", help="An ingress's address, where the version's own URL leads nowhere."
)
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Write the report in Markdown, too.")
@click.option("--keep", is_flag=True, help="Leave the version in the registry though it failed.")
@with_token
@with_cluster
def ci(asked: Asked, spec: Path, file: Path, report: Path | None, **options: Any) -> None:
    """Check the pipeline SPEC, run it on the sample DATA, deploy at 0 percent, ask golden requests; else roll back.

    Golden requests are golden/*.json beside the spec. What an earlier run has done on the same files is not done again.
    """
    from poorwill.cli.ci_pages import markdown
    from poorwill.cli.ci_running import ContinuousRun, Options, stopped_by_sigterm

    image = "" if asked.settings.image == _IMAGE_AS_EVER else asked.settings.image
    run = ContinuousRun(asked, Options(spec, file, image=image, **options))
    _write(report, markdown(run.document))  # where that can't be, before anything runs
    try:
        with stopped_by_sigterm():
            run.go()
    finally:
        asked.show(run.document, "show_ci", "ci_pages")
        _write(report, markdown(run.document))


def _write(report: Path | None, text: str) -> None:
    try:
        if report:
            report.write_text(text)
    except OSError:
        raise NotFoundError(Fault("--report", "a file to write", "none", "check the path")) from None
