"""Other people's APIs as processes of their own, which a test orders about.

with OperatorProcess(folder) as operator:        # of the mobile network
    operator.order(refuse={"operation": "createSession", "status": 409, "code": "CONFLICT"})
    operator.asked, operator.sessions
with PlatformProcess(folder) as platform:        # of edge computing
    platform.order(services=[service("wardlink-controller", {"uris": ["mqtts://127.0.0.1:8883"]})])
"""

import json
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Self

from cryptography.hazmat.primitives.serialization import Encoding

from controller.identity.authority import new_authority
from hil.sims.grants import CLIENT, SECRET
from tests.support.est import now, server_context, server_identity

ROOT = Path(__file__).parents[2]


class _ApiProcess:
    """Its files are in `folder`; started after `kill` it has the same port, and has forgotten all."""

    module = ""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        authority = new_authority(now())[0]
        server_context(folder, server_identity(authority, "127.0.0.1"))  # writes server.pem
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(authority.root.public_bytes(Encoding.PEM))
        self.secret_file = folder / "secret"
        self.secret_file.write_text(f"{SECRET}\n", encoding="utf-8")
        self.secret_file.chmod(0o600)
        self._pem, self._log, self.port = folder / "server.pem", folder / "operator.log", 0
        self._tls = ssl.create_default_context(cafile=self.ca)
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """The API's root."""
        return f"https://127.0.0.1:{self.port}"

    def start(self) -> Self:
        command = [
            sys.executable,
            "-m",
            self.module,
            "--pem",
            str(self._pem),
            "--port",
            str(self.port),
        ]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())
        return self

    def kill(self) -> None:
        assert self._process
        assert self._process.stdout
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self._process and self._process.poll() is None:
            self.kill()

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        data = None if body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} | headers
        request = urllib.request.Request(self.url + path, data, kind, method=method)
        try:
            with urllib.request.urlopen(request, context=self._tls, timeout=10) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def order(self, **orders: Any) -> None:
        """What it does by itself: see its module."""
        assert self.call("POST", "/orders", orders)[0] == 200

    def _told(self, name: str) -> Any:
        return self.call("GET", "/orders")[1][name]

    @property
    def asked(self) -> list[str]:
        return self._told("asked")


class OperatorProcess(_ApiProcess):
    """hil/sims/operator.py."""

    module = "hil.sims.operator"

    @property
    def section(self) -> str:
        """`[quality]` of a gateway that is its customer."""
        return f"""
[quality]
operator = "{self.url}"
token_url = "{self.url}/token"
client_id = "{CLIENT}"
secret_file = "{self.secret_file}"
ca = "{self.ca}"
qos_profile = "QOS_L"
server = "198.51.100.7:8883"
phone_number = "+123456789"
minutes_after = 0
"""

    @property
    def sessions(self) -> list[dict[str, Any]]:
        return self._told("sessions")

    @property
    def told(self) -> list[int]:
        """Of each event that went to a sink, how that answered."""
        return self._told("told")

    @property
    def tokens(self) -> list[str]:
        return self._told("tokens")


class PlatformProcess(_ApiProcess):
    """hil/sims/mec.py."""

    module = "hil.sims.mec"

    @property
    def section(self) -> str:
        """`[mec]` of a gateway that is its customer."""
        return f"""
[mec]
platform = "{self.url}"
token_url = "{self.url}/token"
client_id = "{CLIENT}"
secret_file = "{self.secret_file}"
ca = "{self.ca}"
every_s = 5
"""
