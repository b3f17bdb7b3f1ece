"""An S3 endpoint of one's own: moto's server, in a process of its own, which keeps everything in memory.

with Server.made(quiet_port()) as server:
    access = server.access("images", secret_file)      # the bucket is there

It speaks versions, uploads in parts and ranges. It checks no signature, and what it had is gone with it.
"""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

import boto3

from controller.objects.settings import Access

KEY_ID, SECRET, REGION = "key", "secret", "us-east-1"
_STARTED_S: Final = 60.0


class Server:
    """A running one; made by `made`."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextmanager
    def made(cls, port: int) -> Iterator[Self]:
        """Runs inside the block."""
        server = cls(port)
        server.start()
        try:
            yield server
        finally:
            server.kill()

    @property
    def endpoint(self) -> str:
        """Its URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def client(self) -> Any:
        """Another client than ours, to see what is there."""
        keys = {"aws_access_key_id": KEY_ID, "aws_secret_access_key": SECRET, "region_name": REGION}
        return boto3.client("s3", endpoint_url=self.endpoint, **keys)

    def start(self) -> None:
        """With nothing in it; returns when it answers."""
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + _STARTED_S
        while not self.listens():
            if time.monotonic() > until:
                raise TimeoutError(f"moto's server did not listen at port {self.port} in {_STARTED_S} s")
            time.sleep(0.05)

    def kill(self) -> None:
        """With SIGKILL; returns when it is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def listens(self) -> bool:
        """Whether somebody takes connections at its port."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def access(
        self, bucket: str, secret_file: Path, prefix: str = "ward/link", *, versions: bool = False
    ) -> Access:
        """Makes the bucket, and the file that holds the secret."""
        self.client.create_bucket(Bucket=bucket)
        if versions:
            told = {"Status": "Enabled"}
            self.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=told)
        secret_file.write_text(f"{SECRET}\n")
        return Access(
            endpoint=self.endpoint,
            bucket=bucket,
            prefix=prefix,
            region=REGION,
            key_id=KEY_ID,
            secret_file=secret_file,
        )
