"""What an operator tells of a session at its sink: CloudEvents 1.0, structured mode (HTTP binding, 3.2).

notice = status_event(asked, session_id, "UNAVAILABLE", "NETWORK_TERMINATED")
status = await notice.post("http://127.0.0.1:8080")
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import aiohttp

MEDIA = "application/cloudevents+json"
TYPE = "org.camaraproject.quality-on-demand.v1.qos-status-changed"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Notice:
    """An event, for the sink's `path`, by the sink's `token`."""

    path: str
    token: str
    event: Json

    async def post(self, origin: str) -> int:
        """To the sink as it is found at `origin`. Returns the status of the answer; 0: there is none."""
        headers = {"Content-Type": MEDIA, "Authorization": f"Bearer {self.token}"}
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.post(origin + self.path, data=json.dumps(self.event), headers=headers) as answer,
            ):
                return answer.status
        except aiohttp.ClientError:
            return 0


def status_event(asked: Json, session: str, status: str, why: str) -> Notice:
    """The state of `session`, which was `asked` for with a sink, is `status` from now on."""
    info = {"statusInfo": why} if status == "UNAVAILABLE" else {}
    event = {
        "id": str(uuid4()),
        "source": f"https://operator.example/quality-on-demand/v1/sessions/{session}",
        "specversion": "1.0",
        "type": TYPE,
        "datacontenttype": "application/json",
        "time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "data": {"sessionId": session, "qosStatus": status, **info},
    }
    token = asked.get("sinkCredential", {}).get("accessToken", "")
    return Notice(urlsplit(asked["sink"]).path, token, event)
