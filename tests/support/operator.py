"""The mobile network's operator as a process of its own, which a test orders about.

with OperatorProcess(folder) as operator:
    operator.order(refuse={"operation": "createSession", "status": 409, "code": "CONFLICT"})
    operator.asked, operator.sessions
"""

import json
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from controller.identity.authority import new_authority
from hil.sims.operator import CLIENT, SECRET
from tests.support.est import now, server_context, server_identity

ROOT = Path(__file__).parents[2]


class OperatorProcess:
    """Its files are in `folder`; started after `kill` it has the same port, and has forgotten all."""

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

    def start(self) -> "OperatorProcess":
        command = [
            sys.executable,
            "-m",
            "hil.sims.operator",
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

    def __enter__(self) -> "OperatorProcess":
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
        """What the network does by itself: see hil/sims/operator.py."""
        assert self.call("POST", "/orders", orders)[0] == 200

    def _told(self, name: str) -> Any:
        return self.call("GET", "/orders")[1][name]

    @property
    def sessions(self) -> list[dict[str, Any]]:
        return self._told("sessions")

    @property
    def asked(self) -> list[str]:
        return self._told("asked")

    @property
    def tokens(self) -> list[str]:
        return self._told("tokens")
