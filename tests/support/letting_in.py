"""A running controller that lets gateways in, by the registration authority beside it.

async with controller_est(folder, Times()) as est:      # of the running controller's own folder
    waiting = await let_in(controller, est)
"""

from datetime import timedelta

from controller.api.gateways import LettingIn
from controller.identity.files import keep_controller
from controller.identity.provisioning import Addresses, Provisioning
from controller.identity.waiting import WaitingBoxes
from tests.support.controller import RunningController
from tests.support.est import MQTT, Est, now


async def let_in(controller: RunningController, est: Est) -> WaitingBoxes:
    """The controller starts again, with its authority. Returns the boxes that wait, for a test to watch."""
    folder, waiting = controller.store.folder / "ca", WaitingBoxes()
    keep_controller(folder, est.authority, "controller", now(), timedelta(days=1))
    service = Provisioning(
        controller.store,
        controller.clock,
        authority=est.authority,
        folder=folder,
        addresses=lambda: Addresses(est.address, MQTT),
    )
    controller.letting_in = LettingIn(service, waiting)
    await controller.stop()
    await controller.start()
    return waiting
