"""An API that is none, served over TLS as a process of its own: it prints its port."""

import argparse
import asyncio
import ssl
import sys
from pathlib import Path

from aiohttp import web

from hil.sims import process


async def serve(app: web.Application, pem: Path, port: int) -> None:
    """On the loopback, until cancelled."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls).start()
        sys.stdout.write(f"{runner.addresses[0][1]}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def run(app: web.Application, what: str) -> None:
    """With the arguments of the command line; `what` it is, for its help."""
    arguments = argparse.ArgumentParser(description=what)
    arguments.add_argument("--pem", type=Path, required=True, help="its key and certificates")
    arguments.add_argument("--port", type=int, default=0)
    process.run(serve(app, **vars(arguments.parse_args())))
