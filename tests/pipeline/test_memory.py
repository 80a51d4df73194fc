"""Data larger than the memory of the process that reads it."""

import subprocess
import sys

CHILD = """
import sys
from pathlib import Path
from resource import RLIMIT_AS, setrlimit

from poorwill.pipeline import arrow_table
from poorwill.pipeline.profile import learn
from poorwill.pipeline.spec import Ingest
from poorwill.pipeline.table import Source, open_table

path, limit_bytes = Path(sys.argv[1]), int(sys.argv[2])
setrlimit(RLIMIT_AS, (limit_bytes, limit_bytes))
try:
    path.read_bytes()
except MemoryError:
    profile = learn(open_table(Source(path, Ingest(step="ingest", target="truth"), "big.csv")))
    print(profile.rows, [column.kind for column in profile.columns])
"""
LIMIT_BYTES = 768 << 20  # of which the libraries' own addresses are half


def test_a_csv_larger_than_memory_is_read_as_a_stream(tmp_path):
    path = tmp_path / "big.csv"
    block = "".join(f"{row % 3},{row / 4},{row:x}{'-' * 4000}\n" for row in range(2000))
    blocks = LIMIT_BYTES // len(block) + 1
    try:
        with path.open("w") as file:
            file.write("truth,width,said\n")
            file.writelines([block] * blocks)
        child = subprocess.run(
            [sys.executable, "-c", CHILD, str(path), str(LIMIT_BYTES)], capture_output=True, text=True, check=False
        )
    finally:
        path.unlink(missing_ok=True)  # pytest keeps what its tests leave

    assert (child.stdout, child.stderr) == (f"{2000 * blocks} ['number', 'number', 'text']\n", "")
