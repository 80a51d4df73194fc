"""Which class does which step, imported when it is needed: some bring heavy engines along."""

from poorwill.errors import Fault, UsageError
from poorwill.pipeline.step import Step
from poorwill.settings import Settings


def open_step(name: str, settings: Settings) -> Step:
    """Return a step of the fixed order, with what it takes from the settings; deploy is the deploy function's.

    Raises:
        UsageError: there is no such step.
    """
    match name:
        case "ingest":
            from poorwill.pipeline.ingest import IngestStep

            return IngestStep(settings.data)
        case "validate":
            from poorwill.pipeline.validate import ValidateStep

            return ValidateStep()
        case "train":
            from poorwill.pipeline.train import TrainStep

            return TrainStep(settings.step_image)
        case "evaluate":
            from poorwill.pipeline.evaluate import EvaluateStep
            from poorwill.pipeline.serving_now import serving_now

            return EvaluateStep(lambda registry, model: serving_now(registry, model, settings), settings.step_image)
        case "register":
            from poorwill.pipeline.register import RegisterStep

            return RegisterStep(settings.signing_key_file)
    raise UsageError(Fault("step", "ingest, validate, train, evaluate or register", "another", "see docs/pipelines.md"))
