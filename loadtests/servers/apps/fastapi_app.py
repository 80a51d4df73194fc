"""The predictor under FastAPI, its fast way: the body by hand, a slow request on a thread."""

from fastapi import FastAPI, Request, Response

from predict import SLOW_PATH, predict, slow

app = FastAPI()


@app.post("/v2/models/small/infer")
async def infer(request: Request) -> Response:
    """Answer one infer request."""
    return Response(predict(await request.body()), media_type="application/json")


@app.get(SLOW_PATH)
def wait() -> Response:
    """Answer after a while."""
    return Response(slow(), media_type="application/json")
