"""The hospital's controller in virtual time: the vehicle is one of its beds, its crew is believed."""

import asyncio
from contextlib import AsyncExitStack

import controller.app
from controller.shards.duty import Duty
from controller.shards.peers import Peers
from controller.store import Store
from controller.store.scale import Since
from hil.ambulance.box import VEHICLE
from hil.simulation.parts import GATEWAY, SimController

WARD = "vehicles"
_ITS_BOX = "UPDATE gateway SET place = ?, class = 'vehicle' WHERE id = ?"
"""Only the vehicle's recorded box may speak for its crew."""


class Hospital(SimController):
    """`controller.app`'s parts that a vehicle needs."""

    async def main(self) -> None:
        """See Part."""
        async with AsyncExitStack() as stack:
            store = await Store.open(self.config.database)
            stack.push_async_callback(store.close)
            peers = Peers(self.config, Duty())
            parts = controller.app._Controller(self.config, store, self, Since(0, gap_known=True), peers)
            await parts._load()
            if WARD not in parts._registry.wards:
                await parts._registry.add_ward(WARD, "Vehicles")
                await parts._registry.add_bed(VEHICLE, WARD, "Ambulance 1")
                await parts._registry.add_gateway(GATEWAY, "Ambulance 1")
                await store.write(lambda db: db.execute(_ITS_BOX, (VEHICLE, GATEWAY)))
            for name, part in (("intake", parts._intake), ("mqtt", parts._mqtt), ("crew", parts._crew)):
                await stack.enter_async_context(controller.app.kept(name, part.run))
            await asyncio.Event().wait()
