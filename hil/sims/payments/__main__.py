"""`python -m hil.sims.payments`: the sandbox on the loopback, for the demo and tests. It prints its port."""

import argparse
import asyncio
import sys
from pathlib import Path

from aiohttp import web

from hil.sims import process
from hil.sims.payments.checkout import Checkout
from hil.sims.payments.ledger import Ledger
from hil.sims.payments.server import Sandbox


async def _serve(arguments: argparse.Namespace) -> None:
    secret = arguments.secret_file.read_text(encoding="utf-8").strip().encode()
    sandbox = Sandbox(arguments.merchant, secret, arguments.callback, arguments.slow_s)
    if arguments.ledger:
        sandbox.kept, sandbox.ledger = arguments.ledger, Ledger.load(arguments.ledger)
    if arguments.back:
        sandbox.checkout = Checkout("", arguments.back)
    runner = web.AppRunner(sandbox.app(), shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", arguments.port).start()
        if sandbox.checkout:
            sandbox.checkout.url = f"http://{arguments.host}:{runner.addresses[0][1]}"
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
    parser.add_argument(
        "--back", default="", help="the hospital's /my: people pay on pages of the sandbox and go back there"
    )
    parser.add_argument("--ledger", type=Path, help="its books, kept for the next start")
    parser.add_argument("--host", default="127.0.0.1", help="under which browsers reach its pages")
    parser.add_argument("--slow-s", type=float, default=20.0)
    parser.add_argument("--port", type=int, default=0)
    process.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    _main()
