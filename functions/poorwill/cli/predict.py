"""`poorwill predict`: arrays or a request file in, outputs readable at a glance out."""

from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import click
import msgspec
import numpy as np

from poorwill.cli.infer_request import InferRequest, read_infer_request
from poorwill.cli.token_option import with_token
from poorwill.client import Client, Prediction
from poorwill.errors import Fault, UsageError
from poorwill.registry.tensor_codec import TensorError, fp32_to_bf16, to_json

_HOW = "NAME=FILE.npy, NAME=[1, 2, 3], @REQUEST.json or -"


@click.command()
@click.argument("name", metavar="MODEL[@VERSION]")
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="The server, or the model's route.")
@click.option("--input", "sources", multiple=True, required=True, metavar="INPUT", help=f"{_HOW} (stdin); repeatable.")
@click.option("--binary/--json", "binary", default=True, help="How tensors travel.  [default: binary]")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--host", default="", help="Host header, where the URL is an ingress's address.")
@click.option("--timeout-seconds", type=click.FloatRange(0, min_open=True), default=60.0, show_default=True)
@with_token
def predict(  # noqa: PLR0913 - click hands every option over by name
    *,
    name: str,
    url: str,
    sources: tuple[str, ...],
    binary: bool,
    output: str,
    host: str,
    timeout_seconds: float,
    token: str,
) -> None:
    """Send inputs to a served model and print what it answers."""
    model, _, version = name.partition("@")
    asked = _asked(sources)
    with Client(url, host=host, timeout_seconds=timeout_seconds, token=token) as client:
        prediction = client.predict(
            model,
            asked.inputs,
            version=version or None,
            outputs=asked.outputs,
            parameters=asked.parameters,
            request_id=asked.id,
            binary=binary,
        )
    click.echo(as_json(prediction) if output == "json" else "\n".join(as_text(prediction)))


def as_text(prediction: Prediction) -> Iterable[str]:
    """Yield the lines that show a prediction to a person."""
    yield f"{prediction.model}@{prediction.version}  {prediction.digest}".rstrip()
    width = max(map(len, prediction.outputs), default=0)
    for name, array in prediction.outputs.items():
        label = f"  {name:<{width}}  {prediction.datatypes[name]} {list(array.shape)}  "
        shown = array
        if prediction.datatypes[name] == "BYTES":
            shown = np.array([element.decode(errors="replace") for element in array.ravel()], object)
            shown = shown.reshape(array.shape)
        yield label + np.array2string(shown, precision=4, suppress_small=True, threshold=40, prefix=label)
    times = ", ".join(f"{stage} {ms:g} ms" for stage, ms in prediction.server_timing_ms.items())
    yield f"request {prediction.request_id}" + (f"  ({times})" if times else "")


def as_json(prediction: Prediction) -> str:
    """Return a prediction as one JSON document.

    Raises:
        UsageError: JSON can't carry an output.
    """
    outputs, faults = {}, []
    for name, array in prediction.outputs.items():
        datatype = prediction.datatypes[name]
        bits = fp32_to_bf16(array) if datatype == "BF16" else array
        try:
            outputs[name] = {"datatype": datatype, "shape": array.shape, "data": to_json(bits, datatype)}
        except TensorError as error:
            faults.append(error.at(f"output '{name}'")._replace(next="print it with --output text"))
    if faults:
        raise UsageError(*faults)
    document = prediction._asdict() | {"outputs": outputs}
    del document["datatypes"]
    return msgspec.json.format(msgspec.json.encode(document)).decode()


def _asked(sources: tuple[str, ...]) -> InferRequest:
    """Return what the inputs of the command line mean together.

    Raises:
        UsageError: with every one that can't be used.
    """
    asked = InferRequest({})
    faults: list[Fault] = []
    for number, source in enumerate(sources, 1):
        where = f"--input {number}"
        if source == "-" or source.startswith("@"):
            whole = _request(source, where, faults)
            asked = whole._replace(inputs=asked.inputs | whole.inputs) if whole else asked
            continue
        name, equals, value = source.partition("=")
        array = _array(value, where, faults) if equals else None
        if array is not None:
            asked.inputs[name] = array
        elif not equals:
            faults.append(Fault(where, _HOW, "something else", "see poorwill predict --help"))
    if faults:
        raise UsageError(*faults)
    return asked


def _array(value: str, where: str, faults: list[Fault]) -> Any:
    try:
        if value.startswith("["):
            return msgspec.json.decode(value)
        with Path(value).open("rb") as file:
            return np.lib.format.read_array(file, allow_pickle=False)
    except FileNotFoundError:
        found = "no such file"
    except (OSError, ValueError, EOFError, RecursionError, msgspec.MsgspecError):
        found = "something else"
    faults.append(Fault(where, "an array that numpy.save wrote, or a JSON list", found, f"write {_HOW}"))
    return None


def _request(source: str, where: str, faults: list[Fault]) -> InferRequest | None:
    try:
        stream: IO[bytes] = click.open_file(source.removeprefix("@"), "rb")
        with stream:
            return read_infer_request(stream.read(), where, faults)
    except FileNotFoundError:
        faults.append(Fault(where, "a file with an infer request in JSON", "no such file", "check the path"))
    except OSError:
        faults.append(Fault(where, "an infer request in JSON", "something else", "check the path"))
    return None
