"""`python -m hil.sims.payments`: the sandbox on the loopback, for the demo and tests. It prints its port."""

import argparse
import asyncio
import sys
from pathlib import Path

from aiohttp import web

from hil.sims import process
from hil.sims.payments.server import Sandbox


async def _serve(arguments: argparse.Namespace) -> None:
    secret = arguments.secret_file.read_text(encoding="utf-8").strip().encode()
    sandbox = Sandbox(arguments.merchant, secret, arguments.callback, arguments.slow_s)
    runner = web.AppRunner(sandbox.app(), shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", arguments.port).start()
        sys.stdout.write(f"{runner.addresses[0][1]}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def _main() -> None:
    parser = argparse.ArgumentParser(description="A payment provider for tests and the demo")
    parser.add_argument("--secret-file", type=Path, required=True)
    parser.add_argument("--merchant", default="wardlink")
    parser.add_argument("--callback", default="", help="the controller's /api/payments/callback")
    parser.add_argument("--slow-s", type=float, default=20.0)
    parser.add_argument("--port", type=int, default=0)
    process.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    _main()
