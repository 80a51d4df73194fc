"""A tiny server of the inference protocol, with nothing of ours in it: `copy` gives back what it got, `sum` sums up."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

LENGTH = "Inference-Header-Content-Length"
METADATA = {
    "name": "sum",
    "versions": ["1"],
    "platform": "test",
    "unknown": True,
    "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 3]}],
    "outputs": [{"name": "total", "datatype": "FP32", "shape": [-1, 1]}],
}
HEADERS = {
    "poorwill-digest": "sha256:00",
    "x-request-id": "r-1",
    "server-timing": "decode;dur=0.125, model;dur=1.5, total",
}


def infer(name, request, tail):
    """Return the answer's JSON and its binary tensors."""
    binary = request.get("parameters", {}).get("binary_data_output", False)
    outputs, chunks, at = [], [], 0
    for tensor in request["inputs"]:
        size = tensor.get("parameters", {}).get("binary_data_size")
        chunk = tail[at : at + (size or 0)]
        at += size or 0
        if name == "sum":
            values = np.frombuffer(chunk, "<f4") if size is not None else np.array(tensor["data"], "f4")
            with np.errstate(over="ignore"):
                total = values.reshape(tensor["shape"]).sum(axis=1, keepdims=True)
            output = {"name": "total", "datatype": "FP32", "shape": list(total.shape)}
            data, chunk = total.ravel().tolist(), total.astype("<f4").tobytes()
        else:
            output, data = {key: tensor[key] for key in ("name", "datatype", "shape")}, tensor.get("data")
        if binary:
            output["parameters"] = {"binary_data_size": len(chunk)}
            chunks.append(chunk)
        else:
            output["data"] = data
        outputs.append(output)
    answer = {
        "model_name": name,
        "model_version": "1",
        "outputs": outputs,
        "parameters": {"echo": request["inputs"][0]["name"]},
    }
    return answer | ({"id": request["id"]} if "id" in request else {}), b"".join(chunks)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.connections += 1

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.seen.append((self.path, {key.lower(): value for key, value in self.headers.items()}, b""))
        if self.server.script:
            return self.scripted()
        if self.path == "/v2":
            return self.reply(200, json.dumps({"name": "test", "version": "9", "extensions": []}).encode())
        if self.path.startswith("/v2/models/sum") and not self.path.endswith("ready"):
            return self.reply(200, json.dumps(METADATA).encode())
        return self.reply(200, b"{}")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.seen.append((self.path, {key.lower(): value for key, value in self.headers.items()}, body))
        if self.server.script:
            return self.scripted()
        size = int(self.headers.get(LENGTH, len(body)))
        name = self.path.split("/")[3]
        answer, tail = infer(name, json.loads(body[:size]), body[size:])
        head = json.dumps(answer).encode()
        return self.reply(200, head + tail, {LENGTH: str(len(head))} if tail else {})

    def scripted(self):
        step = self.server.script.pop(0)
        if step == "close":
            self.close_connection = True
            return None
        if step == "silence":
            self.server.released.wait()
            self.close_connection = True
            return None
        return self.reply(*step)

    def reply(self, status, body=b"", headers=HEADERS):
        self.send_response(status)
        for name, value in (HEADERS | headers).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class InferenceServer(ThreadingHTTPServer):
    """Serves on a free port of the loopback; `script` holds answers that go before the models', `seen` the requests."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.script, self.seen, self.connections = [], [], 0
        self.released = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def stop(self):
        self.released.set()
        self.shutdown()
        self._thread.join()
        self.server_close()
