"""What a result of training may depend on besides code, data, parameters and seed."""

import platform
from functools import cache
from hashlib import sha256
from importlib.metadata import distributions
from typing import Any

NOT_FIXED = (
    "the kind of CPU: numerical libraries choose their instructions by it, and may round differently",
    "threads that a library starts past OpenMP's and BLAS's own settings",
    "files that the function reads besides its data and the folder's Python files",
    "what the function itself takes from the clock, the network or the machine",
)
"""What nothing here fixes; the record of a training says so."""


@cache
def environment(image: str) -> dict[str, Any]:
    """Return the image, if it is known, Python, platform and a digest of all installed distributions' versions."""
    names = sorted({f"{found.name}=={found.version}".lower() for found in distributions()})
    return {
        "image": image,
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "system": platform.uname().system,
        "machine": platform.machine(),
        "libc": " ".join(platform.libc_ver()),
        "distributions": f"sha256:{sha256(chr(10).join(names).encode()).hexdigest()}",
    }


def processor() -> str:
    """Return the name of this machine's CPU, "" where the system does not tell."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:  # noqa: PTH123 - no file of ours
            return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    except OSError:
        return platform.processor()
