"""The model under Knative's func-python, as its template writes a function with a state."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from func_python.http import serve
from onnx_answer import answered, load

Message = dict[str, Any]


class Function:
    """One served model."""

    def start(self, _cfg: dict[str, str]) -> None:
        """Load the model before the first request."""
        self.session = load()

    async def handle(
        self,
        _scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Answer one infer request."""
        parts, more = [], True
        while more:
            message = await receive()
            parts.append(message.get("body", b""))
            more = message.get("more_body", False)
        body = json.dumps(answered(self.session, json.loads(b"".join(parts)))).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def new() -> Function:
    """Return the function, as the framework asks for it."""
    return Function()


if __name__ == "__main__":
    serve(new)
