"""Server-Timing: what an answer says of its own way (https://www.w3.org/TR/server-timing/)."""

from functools import lru_cache

from poorwill.serving.predictor import Passage


def server_timing(passage: Passage, end_ns: int) -> str:
    """Return the Server-Timing header's value, in milliseconds (https://www.w3.org/TR/server-timing/)."""
    start_ns, decoded_ns, ran_ns = passage.start_ns, passage.decoded_ns, passage.ran_ns
    if not ran_ns:
        return f"total;dur={_ms((end_ns - start_ns) // 1000)}"
    decode, model, encode = (decoded_ns - start_ns) // 1000, (ran_ns - decoded_ns) // 1000, (end_ns - ran_ns) // 1000
    return f"decode;dur={_ms(decode)}, model;dur={_ms(model)}, encode;dur={_ms(encode)}"


@lru_cache(1024)
def _ms(us: int) -> str:
    """Return microseconds as milliseconds; kept, for to write a fraction takes longer than all else of a header."""
    return f"{us / 1000:.3f}"
