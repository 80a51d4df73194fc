"""The codec is on the predictor's way to readiness, so it brings in next to nothing."""

import subprocess
import sys

CODE = """
import sys, numpy, msgspec
before = set(sys.modules)
import poorwill.events.codec, poorwill.events.attributes
print(*sorted(name for name in set(sys.modules) - before if not name.startswith("poorwill")))
"""


def test_the_codec_imports_nothing_heavy():
    output = subprocess.run([sys.executable, "-c", CODE], capture_output=True, check=True, text=True).stdout

    assert set(output.split()) <= {"binascii"}
