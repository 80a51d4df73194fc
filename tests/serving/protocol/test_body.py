"""Bodies are unpacked within the limit, and large answers packed for those who ask."""

import gzip
import json
import zlib

import numpy as np
import pytest

from tests.serving.test_application import REQUEST, TOTAL, Fixed, content, header

PACKED = gzip.compress(b"{}", mtime=0)  # the tests' names must not change with the clock


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_a_packed_body_is_unpacked(summing, pack):
    encoding = "gzip" if pack is gzip.compress else "deflate"

    answer = summing.infer(pack(json.dumps(REQUEST).encode()), content_encoding=encoding)

    assert content(answer)["outputs"] == [TOTAL]


def test_a_packed_body_that_grows_over_the_limit_is_refused(serve, summing):
    bomb = gzip.compress(b" " * 100_000)

    assert serve(Fixed(None), body_limit_bytes=99_999).infer(bomb, content_encoding="gzip").status == 413


@pytest.mark.parametrize("body", [b"no gzip", PACKED[:-1], PACKED + b"more"])
def test_a_body_that_is_not_what_its_encoding_says_is_refused(summing, body):
    assert summing.infer(body, content_encoding="gzip").status == 400


def test_a_large_answer_is_packed_for_those_who_ask(serve):
    model = Fixed(np.zeros((10_000, 1), np.float32))

    plain = serve(model).infer(REQUEST)
    packed = serve(model).infer(REQUEST, accept_encoding="br, gzip;q=0.5")
    refused = serve(model).infer(REQUEST, accept_encoding="gzip;q=0")

    assert header(packed, "content-encoding") == "gzip"
    assert gzip.decompress(packed.body) == plain.body == refused.body
