"""haproxy with the configuration of deploy/compose/, for controllers on this machine.

text = configured(example, http=[8101, 8102], est=[8201, 8202], listen=(8080, 8444))
"""

import re
from collections.abc import Sequence

_SERVER = re.compile(r"^( +server \S*?-)(\d+)(\S*) controller-\d+:(\d+)", re.MULTILINE)
_PAGES = 8080
"""The port of the pages in the example; all others there are the authorities'."""


def configured(example: str, *, http: Sequence[int], est: Sequence[int], listen: tuple[int, int]) -> str:
    """`example` with the ports of so many controllers on loopback, which speak plain HTTP there.

    `listen`: at which the balancer passes on pages, and the requests for certificates.
    """
    count = len(http)

    def placed(found: re.Match[str]) -> str:
        before, number, after, port = found.groups()
        at = (http if int(port) == _PAGES else est)[int(number) - 1]
        return f"{before}{number}{after} 127.0.0.1:{at}"

    lines = [
        line
        for line in example.splitlines()
        if (found := _SERVER.match(line)) is None or int(found.group(2)) <= count
    ]
    text = _SERVER.sub(placed, "\n".join(lines) + "\n").replace(" check-ssl verify none", "")
    return text.replace("bind :8443", f"bind 127.0.0.1:{listen[0]}").replace(
        "bind :8444", f"bind 127.0.0.1:{listen[1]}"
    )
