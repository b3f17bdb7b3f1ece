"""`[mec]` of the gateway's configuration."""

from typing import Annotated

from pydantic import Field

from gateway.apis.config import ApiAccess, HttpsAddress


class MecConfig(ApiAccess):
    """`[mec]`: ask a multi-access edge computing platform where the controller is.

    `platform` is the root of its APIs, `service` the name under which it knows the controller. It is asked
    anew every `every_s` seconds.
    """

    platform: HttpsAddress
    service: Annotated[str, Field(min_length=1, max_length=100)] = "wardlink-controller"
    every_s: Annotated[float, Field(ge=5, le=86_400, strict=False)] = 60
