"""What a start pack is made for: CPU, onnxruntime and provider; told without the import of onnxruntime.

On a predictor's path to readiness, beside the long imports: light.
"""

import os
from importlib.machinery import PathFinder

import msgspec

CPU_PROVIDER = "CPUExecutionProvider"

_CPUINFO, _FIRST_BYTES = "/proc/cpuinfo", 16_384  # the first processor's lines; a big machine has megabytes of them
# by which onnxruntime's kernels (MLAS) choose the layout of weights on x86-64, and how they reckon; what else differs
# between two kernels or clouds would only make two types of one
_X86 = frozenset(
    (
        *("sse4_1", "avx", "avx2", "fma", "f16c", "avx_vnni", "avx_vnni_int8", "avx_ne_convert"),
        *("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx512_vnni", "avx512_bf16", "avx512_fp16"),
        *("amx_tile", "amx_int8", "amx_bf16"),
    )
)


class Machine(msgspec.Struct, frozen=True):
    """One type of machine: two of the same type load the same pack."""

    architecture: str  # x86_64
    features: tuple[str, ...]  # of the CPU, sorted
    onnxruntime: str  # its version
    provider: str


def this_machine(provider: str = CPU_PROVIDER) -> Machine | None:
    """Return what this process runs on; None where that can't be told."""
    architecture = os.uname().machine
    features, version = _features(architecture), _installed_version()
    return Machine(architecture, features, version, provider) if features and version else None


def _features(architecture: str) -> tuple[str, ...]:
    try:
        with open(_CPUINFO, "rb") as file:  # noqa: PTH123 - pathlib is kept off the start's path
            lines = file.read(_FIRST_BYTES).decode(errors="replace").splitlines()
    except OSError:
        return ()
    label = "flags" if architecture == "x86_64" else "Features"
    line = next((line for line in lines if line.startswith(label)), "")
    found = frozenset(line.partition(":")[2].split())
    return tuple(sorted(found & _X86 if architecture == "x86_64" else found))


def _installed_version() -> str:
    """Return the version that an import of onnxruntime would bring, from its own first lines."""
    spec = PathFinder.find_spec("onnxruntime")
    if spec is None or not spec.origin:
        return ""
    with open(spec.origin, encoding="utf-8") as file:  # noqa: PTH123 - as above
        line = next((line for line in file if line.startswith("__version__")), "")
    return line.partition('"')[2].partition('"')[0]
