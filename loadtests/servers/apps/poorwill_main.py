"""The predictor under Poorwill's own server, without Poorwill's protocols, metrics and logs: the carrier alone."""

import sys

from poorwill.errors import PoorwillError
from poorwill.serving.http.server import serve
from poorwill.serving.message import Answer, Request
from poorwill.settings import read
from predict import LIMIT_BYTES, SLOW_PATH, TIMEOUT_SECONDS, predict, slow


class Application:
    """What the server asks for an answer."""

    common_headers = ()
    shares = ""

    def answer(self, request: Request) -> Answer:
        """Answer one request."""
        return Answer(200, slow() if request.path == SLOW_PATH else predict(request.body))

    def refuse(self, error: PoorwillError) -> Answer:
        """Answer what is no request."""
        return Answer(error.status)

    def is_heavy(self, request: Request) -> bool:
        """Tell the slow path."""
        return request.path == SLOW_PATH

    def stopping(self) -> None:
        """Do nothing."""


flags = {"port": sys.argv[1], "body_limit_bytes": str(LIMIT_BYTES), "receive_timeout_seconds": str(TIMEOUT_SECONDS)}
serve(Application(), settings=read({}, flags), metrics=None, on_ready=lambda *_address: None)
