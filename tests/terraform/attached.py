"""Providers that run once for many commands, where Terraform would start and stop them several times in each.

Only for what is mocked: commands then share the providers' schemas, and configure nothing.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

# by which a provider knows that Terraform starts it, and the versions of the protocol that Terraform speaks
HANDSHAKE = {
    "TF_PLUGIN_MAGIC_COOKIE": "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
    "PLUGIN_PROTOCOL_VERSIONS": "5,6",
}
# ends the provider once nobody holds the other end of its input, so that it outlives no test run
UNTIL_LEFT = '"$0" </dev/null & read -r _; kill $!'


class Attached:
    """Providers of a folder such as .terraform/providers, which run from the first use until close."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._processes: list[subprocess.Popen[str]] = []
        self._addresses: dict[str, Any] = {}

    def environment(self) -> dict[str, str]:
        """Return the variable by which Terraform uses them."""
        if not self._processes:
            for binary in sorted(self.folder.glob("*/*/*/*/*/terraform-provider-*")):
                self._start(binary)
        return {"TF_REATTACH_PROVIDERS": json.dumps(self._addresses)}

    def _start(self, binary: Path) -> None:
        process = subprocess.Popen(
            ["sh", "-c", UNTIL_LEFT, binary],
            env=os.environ | HANDSHAKE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._processes.append(process)
        assert process.stdout is not None
        answer = process.stdout.readline().strip()
        assert answer.count("|") > 3, f"{binary.name} did not start: {answer}"
        _, version, network, address, protocol = answer.split("|")[:5]
        self._addresses["/".join(binary.relative_to(self.folder).parts[:3])] = {
            "Protocol": protocol,
            "ProtocolVersion": int(version),
            "Pid": process.pid,
            "Test": True,  # Terraform leaves it running
            "Addr": {"Network": network, "String": address},
        }

    def close(self) -> None:
        """End them."""
        for process in self._processes:
            process.communicate()
        self._processes.clear()
        self._addresses.clear()
